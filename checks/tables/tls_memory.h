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
  UnixSeconds asked_at = 0;
  std::string fingerprint;  // tls_fingerprint.h, of the time it was asked
  TlsFindings findings;
};

std::string EncodeTlsMemory(const TlsMemory& memory);

// Nothing where the bytes are not exactly what EncodeTlsMemory writes for some memory: they have
// been through other hands.
std::optional<TlsMemory> ParseTlsMemory(std::string_view bytes);

// Whether findings of then may stand for now: the fingerprint is the same, and less than a day has
// passed, or less than an hour where some question had no answer. A listener that was found and
// does not answer at all keeps its day: it would be asked for the same silence every hour.
bool StillHolds(const TlsMemory& memory, const std::string& fingerprint, bool declared,
                UnixSeconds now);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_MEMORY_H_
