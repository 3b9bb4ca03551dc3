// Asks a time-stamp authority over HTTP (RFC 3161 section 3.4).
#ifndef TOM_COLLECTOR_LEDGER_TSA_CLIENT_H_
#define TOM_COLLECTOR_LEDGER_TSA_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/timestamp.h"

namespace tom {

struct TsaConfig {
  std::string url;                       // http or https; empty: no authority
  std::vector<std::string> authorities;  // DER: whose tokens are believed
  int64_t every_seconds = 8 * 3600;
  int64_t after_scope_seconds = 60;  // of a scope statement that no stamp covers
  int64_t deadline_seconds = 20;
};

struct Token {
  std::string der;
  TimeStamp stamp;
};

// One request with a fresh nonce. No redirects, 64 KiB of reply at most, and the token is verified
// before it is given.
absl::StatusOr<Token> RequestTimeStamp(const TsaConfig& config, const Digest& imprint);

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_TSA_CLIENT_H_
