// The first contact with a collector: a bare TLS 1.3 handshake that fetches its CA, believed only
// when its SHA-256 is the one that the token carries. Nothing is sent over that connection.
#ifndef TOM_AGENT_BOOTSTRAP_H_
#define TOM_AGENT_BOOTSTRAP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/address.h"
#include "evidence/digest.h"

namespace tom {

// The DER of the CA. Unavailable: nobody answers or the handshake does not end in
// `timeout_seconds`; PermissionDenied: the server shows no certificate of that digest, its own is
// not under it, for another purpose, expired, or of another name.
absl::StatusOr<std::string> FetchCa(const CollectorAddress& address, const Digest& ca,
                                    int timeout_seconds);

// The leaf's and chain's judgement alone: what FetchCa does after the handshake.
absl::StatusOr<std::string> JudgeServerChain(const std::vector<std::string>& chain_der,
                                             const std::string& host, const Digest& ca,
                                             int64_t now);

}  // namespace tom

#endif  // TOM_AGENT_BOOTSTRAP_H_
