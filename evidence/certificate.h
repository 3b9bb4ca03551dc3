// X.509 certificates of an installation: who a key belongs to and what it may be used for.
//
// An installation has one CA. Each certificate is good for one purpose, named by one extended key
// usage; a person's certificate carries the role that way. Purposes of our own live under the UUID
// arc 2.25.x (ITU-T X.667), which needs no registration; document signing is RFC 9336's.
#ifndef TOM_EVIDENCE_CERTIFICATE_H_
#define TOM_EVIDENCE_CERTIFICATE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/keys.h"
#include "evidence/utc_time.h"

namespace tom {

enum class Purpose {
  kCollectorTls,  // serverAuth
  kHostTls,       // clientAuth + the host purpose
  kOperatorTls,   // clientAuth + the operator purpose
  kOperator,      // signs scope statements
  kApprover,      // approves exclusions and waivers
  kPublisher,     // signs catalogues
  kPackSigner,    // documentSigning (RFC 9336)
};

// The dotted extended key usages that a certificate of this purpose carries, all of them and no
// other.
std::vector<std::string> PurposeUsages(Purpose purpose);
std::string_view PurposeName(Purpose purpose);

struct CertificateInfo {
  std::string der;
  std::string subject;  // RFC 2253
  std::string common_name;
  std::vector<std::string> uris;    // subject alternative names of type URI
  std::vector<std::string> usages;  // extended key usages, dotted
  std::string spki;                 // DER
  std::string serial;               // upper-case hex
  UnixSeconds not_before = 0;
  UnixSeconds not_after = 0;
  bool ca = false;

  Digest Fingerprint() const { return Sha256(der); }
};

// One certificate, no trailing bytes.
absl::StatusOr<CertificateInfo> ReadCertificateDer(std::string_view der);
// The first certificate of a PEM text.
absl::StatusOr<CertificateInfo> ReadCertificatePem(std::string_view pem);
// DER of every certificate of a PEM text, in order.
absl::StatusOr<std::vector<std::string>> PemToDer(std::string_view pem);
std::string DerToPem(std::string_view der);

// The chain leaf -> ca (a root of its own), every certificate valid at `at`, the leaf no CA and
// carrying exactly the purpose's usages.
absl::Status VerifyCertificate(std::string_view leaf_der, std::string_view ca_der, Purpose purpose,
                               UnixSeconds at);

// The URI names that tie a certificate to an identity: `urn:tom:host:<id>`,
// `urn:tom:person:<name>`.
std::string HostUri(std::string_view host);
std::string PersonUri(std::string_view person);

}  // namespace tom

#endif  // TOM_EVIDENCE_CERTIFICATE_H_
