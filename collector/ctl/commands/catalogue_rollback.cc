#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/catalogue_signer.h"
#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string path;
  CatalogueTerms terms;
};

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const CatalogueFile file, ReadCatalogueFile(flags.path));
  TOM_ASSIGN_OR_RETURN(const KeyPair keys, session.Keys(Signer::kPublisher));
  if (keys.certificate.der != file.publisher_der) {
    return absl::PermissionDeniedError(ToAbsl(flags.path + ": signed by another publisher"));
  }
  TOM_ASSIGN_OR_RETURN(Catalogue catalogue, ParseCatalogue(file.catalogue));
  if (flags.terms.version <= catalogue.version) {
    return BadData("--version: " + flags.path + " is version " + std::to_string(catalogue.version) +
                   "; agents take only a greater one");
  }
  TOM_RETURN_IF_ERROR(PrintSigned(session, std::move(catalogue), flags.terms));
  return 0;
}

}  // namespace

Command catalogue_rollback_command() {
  return {{"catalogue", "rollback"},
          "an earlier signed catalogue once more, under a version that agents take",
          "tomctl catalogue rollback catalogue-3.tom --version 5 -o catalogue-5.tom",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("file", flags->path, "from `tomctl catalogue sign`")->required();
            AddCatalogueTerms(app, flags->terms);
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
