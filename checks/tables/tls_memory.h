// What was found out about an endpoint, as bytes that env_memory.h keeps.
#ifndef TOM_CHECKS_TABLES_TLS_MEMORY_H_
#define TOM_CHECKS_TABLES_TLS_MEMORY_H_

#include <optional>
#include <string>
#include <string_view>

#include "checks/tables/tls_endpoint_probe.h"
#include "evidence/utc_time.h"

namespace tom {

struct TlsMemory {
  UnixSeconds asked_at = 0;      // everything
  UnixSeconds confirmed_at = 0;  // the first question alone, and the answer was the same
  std::string fingerprint;       // tls_fingerprint.h, of the time it was asked
  TlsFindings findings;
};

std::string EncodeTlsMemory(const TlsMemory& memory);

// Nothing where the bytes are not exactly what EncodeTlsMemory writes for some memory: they have
// been through other hands.
std::optional<TlsMemory> ParseTlsMemory(std::string_view bytes);

enum class TlsHold {
  kHolds,    // findings of then stand for now
  kConfirm,  // they do if one connection gets the same answer
  kAskAgain,
};

// With the same fingerprint findings hold for a day, or for an hour where some question had no
// answer. A listener that was found and does not answer at all keeps its day: it would be asked for
// the same silence every hour. `watched`: the fingerprint knows the process and its configuration;
// then one connection a day is enough, and all of them once a week.
TlsHold StillHolds(const TlsMemory& memory, const std::string& fingerprint, bool declared,
                   bool watched, UnixSeconds now);

// Whether the answer to the first question, asked anew, is what these findings came from.
bool Confirms(const TlsFindings& findings, const TlsFindings& first);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_MEMORY_H_
