#include "collector/ctl/catalogue_file.h"

#include "collector/ctl/session.h"
#include "evidence/catalogue.h"
#include "evidence/certificate.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFile = 32u << 20;

absl::Status CheckParts(const CatalogueFile& file) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo publisher, ReadCertificateDer(file.publisher_der));
  TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(publisher.spki));
  TOM_RETURN_IF_ERROR(VerifyEnvelope(file.statement, key));
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(file.statement.payload));
  if (statement.kind != Kind::kCatalogue) return BadData("the statement is no catalogue");
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement catalogue,
                       CatalogueStatementFrom(statement.predicate));
  if (catalogue.digest != Sha256(file.catalogue)) {
    return BadData("the statement speaks of another catalogue");
  }
  return ParseCatalogue(file.catalogue).status();
}

}  // namespace

std::string EncodeCatalogueFile(const CatalogueFile& file) {
  return Canonical(Json(Json::Object{{"catalogue", Base64Encode(file.catalogue)},
                                     {"publisher", Base64Encode(file.publisher_der)},
                                     {"statement", Base64Encode(EnvelopeToJson(file.statement))}}));
}

absl::StatusOr<CatalogueFile> ParseCatalogueFile(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "signed catalogue");
  CatalogueFile file;
  file.catalogue = fields.Bytes("catalogue");
  file.publisher_der = fields.Bytes("publisher");
  const std::string envelope = fields.Bytes("statement");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(file.statement, EnvelopeFromJson(envelope));
  TOM_RETURN_IF_ERROR(Annotate(CheckParts(file), "signed catalogue"));
  return file;
}

absl::StatusOr<CatalogueFile> ReadCatalogueFile(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(path, kMaxFile));
  auto file = ParseCatalogueFile(bytes);
  if (!file.ok()) return Annotate(file.status(), path);
  return file;
}

}  // namespace tom
