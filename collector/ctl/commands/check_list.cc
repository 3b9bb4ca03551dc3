#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, const std::string& folder) {
  TOM_ASSIGN_OR_RETURN(const LoadedCatalogue loaded, LoadCheckFiles(folder));
  Json::Array rows;
  for (const auto& [id, check] : loaded.catalogue.checks) {
    rows.emplace_back(Json::Object{{"id", id},
                                   {"measure", check.measure},
                                   {"severity", check.severity},
                                   {"runs_on", check.runs_on},
                                   {"interval", check.interval}});
  }
  // Canonical JSON knows no empty list; scripts do.
  const std::string json = rows.empty() ? "[]" : Canonical(Json(std::move(rows)));
  TOM_RETURN_IF_ERROR(
      session.PrintList(json, "", {"id", "measure", "severity", "runs_on", "interval"}));
  return 0;
}

}  // namespace

Command check_list_command() {
  return {{"check", "list"},
          "the checks of a folder",
          "tomctl check list --checks ./checks --format json",
          [](CLI::App& app) -> CommandRunner {
            const auto folder = std::make_shared<std::string>();
            AddChecksFlag(app, *folder);
            return [folder](Session& session) { return Run(session, *folder); };
          }};
}

}  // namespace tom
