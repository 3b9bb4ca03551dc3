#include "evidence/trust.h"

#include <algorithm>

#include "evidence/canonical_json.h"
#include "evidence/certificate.h"
#include "evidence/checkpoint.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTrustBytes = 1 << 20;

// One certificate, spelt as DerToPem does, so that a trust file has one spelling.
absl::StatusOr<CertificateInfo> ReadPart(const std::string& pem, std::string_view where) {
  auto info = ReadCertificatePem(pem);
  if (!info.ok()) return Annotate(info.status(), where);
  if (DerToPem(info->der) == pem) return info;
  return Annotate(BadData("expected one certificate in PEM and nothing around it"), where);
}

absl::Status CheckCertificates(const Trust& trust) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadPart(trust.ca_pem, "trust.ca"));
  if (!ca.ca) return BadData("trust.ca: not a CA certificate");
  TOM_ASSIGN_OR_RETURN(CertificateInfo publisher, ReadPart(trust.publisher_pem, "trust.publisher"));
  std::vector<std::string> wanted = PurposeUsages(Purpose::kPublisher);
  if (publisher.usages == wanted) return absl::OkStatus();
  return BadData("trust.publisher: not a publisher's certificate");
}

absl::Status CheckLedger(const Trust& trust) {
  const auto key = ParseVkey(trust.log_vkey);
  if (!key.ok()) return Annotate(key.status(), "trust.log");
  if (key->name != trust.origin) return BadData("trust.log: the key's name is not the origin");
  return Annotate(VerifyCheckpoint(trust.first_checkpoint, *key).status(), "trust.checkpoint");
}

}  // namespace

std::string EncodeTrust(const Trust& trust) {
  return Canonical(Json::Object{{"ca", trust.ca_pem},
                                {"checkpoint", trust.first_checkpoint},
                                {"log", trust.log_vkey},
                                {"origin", trust.origin},
                                {"publisher", trust.publisher_pem},
                                {"v", 1}});
}

absl::StatusOr<Trust> ParseTrust(std::string_view bytes) {
  if (bytes.size() > kMaxTrustBytes) return BadData("trust: too large");
  const auto json = ParseCanonical(bytes);
  if (!json.ok()) return Annotate(json.status(), "trust");
  Trust trust;
  FieldReader fields(*json, "trust");
  fields.Integer("v", 1, 1);
  trust.ca_pem = fields.String("ca");
  trust.first_checkpoint = fields.String("checkpoint");
  trust.log_vkey = fields.String("log");
  trust.origin = fields.String("origin");
  trust.publisher_pem = fields.String("publisher");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(CheckCertificates(trust));
  TOM_RETURN_IF_ERROR(CheckLedger(trust));
  return trust;
}

}  // namespace tom
