#include "collector/ctl/catalogue_signer.h"

#include <CLI/CLI.hpp>
#include <ctime>

#include "collector/ctl/catalogue_file.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {

void AddCatalogueTerms(CLI::App& app, CatalogueTerms& terms) {
  app.add_option("--version", terms.version, "greater than every one before")
      ->required()
      ->check(CLI::Range(int64_t{1}, Json::kMaxInteger));
  app.add_option("--expires", terms.expires, "after this time, such as 400d");
}

absl::Status PrintSigned(Session& session, Catalogue catalogue, const CatalogueTerms& terms) {
  catalogue.version = terms.version;
  TOM_ASSIGN_OR_RETURN(const int64_t lifetime, ParseDurationSeconds(terms.expires));
  CatalogueFile file;
  file.catalogue = EncodeCatalogue(catalogue);
  CatalogueStatement statement;
  statement.version = terms.version;
  statement.expires = static_cast<UnixSeconds>(std::time(nullptr)) + lifetime;
  statement.digest = Sha256(file.catalogue);
  TOM_ASSIGN_OR_RETURN(Session::Signed made, session.SignOnly(Signer::kPublisher, Kind::kCatalogue,
                                                              ToPredicate(statement)));
  file.statement = std::move(made.envelope);
  file.publisher_der = std::move(made.certificate_der);
  TOM_RETURN_IF_ERROR(session.Print(EncodeCatalogueFile(file)));
  session.err() << "catalogue version " << terms.version << ", " << catalogue.checks.size()
                << " checks, until " << FormatUtc(statement.expires) << "\n";
  return absl::OkStatus();
}

}  // namespace tom
