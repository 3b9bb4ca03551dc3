// What an X.509 certificate says of itself (RFC 5280), by libcrypto. Nothing is judged here.
#ifndef TOM_CHECKS_PARSE_CERTIFICATE_DETAILS_H_
#define TOM_CHECKS_PARSE_CERTIFICATE_DETAILS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/utc_time.h"

namespace tom {

inline constexpr size_t kMaxCertificateBytes = 256 << 10;

// Texts are UTF-8 as far as the certificate's are, control characters escaped, at most 1,000 bytes
// each; empty = it does not say.
struct CertificateDetails {
  std::string subject;  // RFC 2253: "CN=a,O=b"
  std::string issuer;
  std::string subject_line;  // "/O=b/CN=a", as OpenSSL used to print it
  std::string issuer_line;
  std::string common_name;
  std::string organization;
  std::string organization_unit;
  std::string issuer_common_name;
  std::string issuer_organization;
  std::string issuer_organization_unit;
  std::string serial;  // hexadecimal, capitals
  std::string names;   // subjectAltName: "DNS:a.example.org, IP:192.0.2.1"
  std::optional<UnixSeconds> not_before;
  std::optional<UnixSeconds> not_after;
  std::string signature_algorithm;  // sha256WithRSAEncryption
  std::string key_algorithm;        // rsaEncryption, id-ecPublicKey, …
  std::string key_type;             // RSA, EC, ED25519, …; empty: it cannot be read
  std::string key_curve;            // of EC
  int64_t key_bits = 0;
  std::string key_usage;           // "Digital Signature, Key Encipherment"
  std::string extended_key_usage;  // "TLS Web Server Authentication"
  std::string subject_key_id;      // hexadecimal
  std::string authority_key_id;
  std::string sha1;  // of the DER, hexadecimal
  std::string sha256;
  bool ca = false;           // basicConstraints
  bool self_signed = false;  // by its own key
};

// Nothing where the bytes are not exactly one certificate in DER, or more than 256 KiB.
std::optional<CertificateDetails> ReadCertificate(std::string_view der);

struct CertificateFile {
  std::vector<std::string> certificates;  // DER, in the file's order, at most 1,000
  size_t unreadable = 0;                  // blocks that say they hold one, and do not
  bool truncated = false;                 // there were more
};

// The certificates of a file in PEM ("CERTIFICATE", "X509 CERTIFICATE" and "TRUSTED CERTIFICATE"),
// or of one that is a certificate in DER. Keys and texts between are passed over.
CertificateFile ReadCertificateFile(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CERTIFICATE_DETAILS_H_
