// A certificate as DER or PEM: what is read comes back the same through its other spelling, and
// judging it as leaf and as CA of itself never takes a CA for a leaf.
#include "evidence/certificate.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

constexpr UnixSeconds kAt = 1767225600;  // 2026-01-01

void Offer(const CertificateInfo& info) {
  const auto again = ReadCertificatePem(DerToPem(info.der));
  TOM_FUZZ_CHECK(again.ok() && again->der == info.der && again->spki == info.spki);
  TOM_FUZZ_CHECK(again->usages == info.usages && again->uris == info.uris);
  for (const Purpose purpose : {Purpose::kHostTls, Purpose::kOperator, Purpose::kPackSigner}) {
    const absl::Status good = VerifyCertificate(info.der, info.der, purpose, kAt);
    TOM_FUZZ_CHECK(!good.ok() || !info.ca);
  }
}

}  // namespace

void Fuzz(std::string_view input) {
  if (const auto info = ReadCertificateDer(input); info.ok()) {
    TOM_FUZZ_CHECK(info->der == input);
    Offer(*info);
  }
  if (const auto info = ReadCertificatePem(input); info.ok()) Offer(*info);
  if (const auto all = PemToDer(input); all.ok()) {
    for (const std::string& der : *all) (void)ReadCertificateDer(der);
  }
}

}  // namespace tom
