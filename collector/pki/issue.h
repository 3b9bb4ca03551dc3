// The installation's CA at work: certificates of one purpose each (evidence/certificate.h).
#ifndef TOM_COLLECTOR_PKI_ISSUE_H_
#define TOM_COLLECTOR_PKI_ISSUE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/certificate.h"
#include "evidence/keys.h"

namespace tom {

// Who issues: the CA's certificate (DER) and key.
struct Issuer {
  std::string certificate;
  PrivateKey key;
};

struct CertificateRequest {
  Purpose purpose = Purpose::kHostTls;
  std::string common_name;
  std::vector<std::string> uris;
  std::vector<std::string> names;  // DNS names and IP addresses
  std::string spki;                // DER
  UnixSeconds not_before = 0;
  int64_t days = 365;  // never beyond the CA's own end
};

// A self-signed root for ten years, DER.
absl::StatusOr<std::string> MakeCa(const PrivateKey& key, const std::string& common_name,
                                   UnixSeconds not_before);
// DER. Exactly the purpose's usages, no CA, digitalSignature.
absl::StatusOr<std::string> IssueCertificate(const Issuer& issuer,
                                             const CertificateRequest& request);

// The SPKI of a DER PKCS#10 request: a P-256 key, the request signed with it, no trailing bytes.
// Whatever names or extensions it asks for are ignored.
absl::StatusOr<std::string> KeyOfCsr(std::string_view csr);

}  // namespace tom

#endif  // TOM_COLLECTOR_PKI_ISSUE_H_
