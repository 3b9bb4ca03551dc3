#include "checks/engine/check_lint.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string folder, id;
};

void AddProblems(const std::string& id, const std::vector<std::string>& problems,
                 Json::Array& rows) {
  for (const std::string& problem : problems) {
    rows.emplace_back(Json::Object{{"check", id}, {"problem", TextOrBytes(problem)}});
  }
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const LoadedCatalogue loaded, LoadCheckFiles(flags.folder));
  if (!flags.id.empty() && loaded.sources.count(flags.id) == 0) {
    return absl::NotFoundError(ToAbsl("no check " + flags.id + " in " + flags.folder));
  }
  const std::vector<Table> tables = AllTables();
  Json::Array rows;
  for (const auto& [id, source] : loaded.sources) {
    if (!flags.id.empty() && id != flags.id) continue;
    const std::vector<std::string> problems = LintCheck(source, tables);
    AddProblems(id, problems, rows);
  }
  const bool clean = rows.empty();
  TOM_RETURN_IF_ERROR(
      session.PrintList(clean ? "[]" : Canonical(Json(std::move(rows))), "", {"check", "problem"}));
  return clean ? 0 : 2;
}

}  // namespace

Command check_lint_command() {
  return {{"check", "lint"},
          "what a check must not do, by its text and one compilation",
          "tomctl check lint --checks ./checks",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("id", flags->id, "one check alone; default: all");
            AddChecksFlag(app, flags->folder);
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
