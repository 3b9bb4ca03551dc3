// Certificates in DER and in files: every text bounded, everything that a file gives can be read.
#include "checks/parse/certificate_details.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  if (const auto details = ReadCertificate(input)) {
    TOM_FUZZ_CHECK(details->sha256.size() == 64 && details->sha1.size() == 40);
    for (const std::string* text : {&details->subject, &details->issuer, &details->names,
                                    &details->serial, &details->key_usage}) {
      TOM_FUZZ_CHECK(text->size() <= 1000);
    }
  }
  const CertificateFile file = ReadCertificateFile(input);
  TOM_FUZZ_CHECK(file.certificates.size() <= 1000);
  for (const std::string& der : file.certificates) {
    TOM_FUZZ_CHECK(der.size() > kMaxCertificateBytes || ReadCertificate(der).has_value());
  }
}
