#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string folder, name;
};

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const LoadedCatalogue loaded, LoadCheckFiles(flags.folder));
  const auto found = loaded.catalogue.profiles.find(flags.name);
  if (found == loaded.catalogue.profiles.end()) {
    return absl::NotFoundError(ToAbsl("no profile " + flags.name + " in " + flags.folder));
  }
  const std::string bytes = Canonical(ProfileToJson(found->second));
  ProfileStatement statement;
  statement.profile = flags.name;
  statement.digest = Sha256(bytes);
  TOM_ASSIGN_OR_RETURN(
      const SubmittedStatement submitted,
      session.Sign(Signer::kOperator, Kind::kProfile, ToPredicate(statement), {bytes}));
  TOM_RETURN_IF_ERROR(session.Print("profile " + flags.name + ", digest " + statement.digest.Hex() +
                                    ", statement " + submitted.digest + "\n"));
  return 0;
}

}  // namespace

Command profile_publish_command() {
  return {{"profile", "publish"},
          "puts a profile into force from the next stamp on",
          "tomctl profile publish velory-dpa --checks ./checks",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("profile", flags->name, "id of the profile")->required();
            AddChecksFlag(app, flags->folder);
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
