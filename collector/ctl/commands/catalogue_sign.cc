#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/catalogue_signer.h"
#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/certificate.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxPem = 1 << 20;

struct Flags {
  std::string folder;
  CatalogueTerms terms;
  std::vector<std::string> authorities;
};

absl::StatusOr<Catalogue> Build(const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(LoadedCatalogue loaded, LoadCheckFiles(flags.folder));
  for (const std::string& path : flags.authorities) {
    TOM_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path, kMaxPem));
    const auto certificates = PemToDer(pem);
    if (!certificates.ok()) return Annotate(certificates.status(), path);
    for (const std::string& der : *certificates) loaded.catalogue.authorities.push_back(der);
  }
  return std::move(loaded.catalogue);
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(Catalogue catalogue, Build(flags));
  TOM_RETURN_IF_ERROR(PrintSigned(session, std::move(catalogue), flags.terms));
  return 0;
}

}  // namespace

Command catalogue_sign_command() {
  return {
      {"catalogue", "sign"},
      "a folder of checks as one signed catalogue; needs the publisher's key, no collector",
      "tomctl catalogue sign --checks ./checks --version 3 --authority tsa.pem -o catalogue.tom",
      [](CLI::App& app) -> CommandRunner {
        const auto flags = std::make_shared<Flags>();
        AddChecksFlag(app, flags->folder);
        AddCatalogueTerms(app, flags->terms);
        app.add_option("--authority", flags->authorities,
                       "PEM certificates of the authorities whose time-stamps agents accept");
        return [flags](Session& session) { return Run(session, *flags); };
      }};
}

}  // namespace tom
