// A PKCS#10 request (RFC 2986) for the host's TLS key. The collector decides what the certificate
// says; the request proves possession of the key and names the host.
#ifndef TOM_AGENT_CERTIFICATE_REQUEST_H_
#define TOM_AGENT_CERTIFICATE_REQUEST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/keys.h"

namespace tom {

// DER, signed with SHA-256 by `key`, subject CN = `common_name`.
absl::StatusOr<std::string> MakeCertificateRequest(const PrivateKey& key,
                                                   std::string_view common_name);

}  // namespace tom

#endif  // TOM_AGENT_CERTIFICATE_REQUEST_H_
