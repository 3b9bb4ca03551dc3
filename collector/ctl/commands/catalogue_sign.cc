#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxPem = 1 << 20;

struct Flags {
  std::string folder;
  int64_t version = 0;
  std::string expires = "400d";
  std::vector<std::string> authorities;
};

absl::StatusOr<Catalogue> Build(const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(LoadedCatalogue loaded, LoadCheckFiles(flags.folder));
  loaded.catalogue.version = flags.version;
  for (const std::string& path : flags.authorities) {
    TOM_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path, kMaxPem));
    const auto certificates = PemToDer(pem);
    if (!certificates.ok()) return Annotate(certificates.status(), path);
    for (const std::string& der : *certificates) loaded.catalogue.authorities.push_back(der);
  }
  return std::move(loaded.catalogue);
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const Catalogue catalogue, Build(flags));
  TOM_ASSIGN_OR_RETURN(const int64_t lifetime, ParseDurationSeconds(flags.expires));
  CatalogueFile file;
  file.catalogue = EncodeCatalogue(catalogue);
  CatalogueStatement statement;
  statement.version = flags.version;
  statement.expires = static_cast<UnixSeconds>(std::time(nullptr)) + lifetime;
  statement.digest = Sha256(file.catalogue);
  TOM_ASSIGN_OR_RETURN(Session::Signed made, session.SignOnly(Signer::kPublisher, Kind::kCatalogue,
                                                              ToPredicate(statement)));
  file.statement = std::move(made.envelope);
  file.publisher_der = std::move(made.certificate_der);
  TOM_RETURN_IF_ERROR(session.Print(EncodeCatalogueFile(file)));
  session.err() << "catalogue version " << flags.version << ", " << catalogue.checks.size()
                << " checks, until " << FormatUtc(statement.expires) << "\n";
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
        app.add_option("--version", flags->version, "greater than every one before")
            ->required()
            ->check(CLI::Range(int64_t{1}, Json::kMaxInteger));
        app.add_option("--expires", flags->expires, "after this time, such as 400d");
        app.add_option("--authority", flags->authorities,
                       "PEM certificates of the authorities whose time-stamps agents accept");
        return [flags](Session& session) { return Run(session, *flags); };
      }};
}

}  // namespace tom
