#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "collector/ctl/profile_table.h"
#include "collector/ctl/profile_text.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string name, folder;
};

// What is in force at the collector, with the checks of the catalogue in force there.
struct Shown {
  Profile profile;
  Catalogue catalogue;
};

absl::StatusOr<Shown> FromCollector(Session& session, const std::string& name) {
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const std::string bytes, client->Query("profile", {{"name", name}}));
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  TOM_ASSIGN_OR_RETURN(Profile profile, ProfileFromJson(json, name));
  TOM_ASSIGN_OR_RETURN(const std::string digest, PublishedCatalogue(*client));
  TOM_ASSIGN_OR_RETURN(const std::string blob, client->GetBlob(digest));
  TOM_ASSIGN_OR_RETURN(Catalogue catalogue, ParseCatalogue(blob));
  return Shown{std::move(profile), std::move(catalogue)};
}

absl::StatusOr<Shown> FromFolder(const std::string& name, const std::string& folder) {
  TOM_ASSIGN_OR_RETURN(LoadedCatalogue loaded, LoadCheckFiles(folder));
  const auto found = loaded.catalogue.profiles.find(name);
  if (found == loaded.catalogue.profiles.end()) {
    return absl::NotFoundError(ToAbsl("no profile " + name + " in " + folder));
  }
  return Shown{found->second, std::move(loaded.catalogue)};
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const Shown shown, flags.folder.empty()
                                              ? FromCollector(session, flags.name)
                                              : FromFolder(flags.name, flags.folder));
  if (session.flags().format == "table") {
    TOM_RETURN_IF_ERROR(session.Print(ProfileText(shown.profile, shown.catalogue)));
    return 0;
  }
  TOM_RETURN_IF_ERROR(
      session.PrintList(ProfileTable(shown.profile, shown.catalogue), "clauses",
                        {"clause", "promise", "reading", "basis", "proof", "measures", "checks"}));
  return 0;
}

}  // namespace

Command profile_show_command() {
  return {{"profile", "show"},
          "every clause of a profile, how it is read and how it is proven",
          "tomctl profile show velory-dpa --checks ./checks",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("profile", flags->name, "id of the profile")->required();
            app.add_option("--checks", flags->folder, "a folder instead of the collector")
                ->envname("TOM_CHECKS");
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
