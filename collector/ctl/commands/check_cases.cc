#include <CLI/CLI.hpp>
#include <memory>

#include "checks/engine/case_driver.h"
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
    const CaseReport report = RunCases(source, tables);
    session.err() << id << ": " << report.cases << " cases, " << report.mutations << " mutations\n";
    AddProblems(id, report.problems, rows);
  }
  const bool clean = rows.empty();
  TOM_RETURN_IF_ERROR(
      session.PrintList(clean ? "[]" : Canonical(Json(std::move(rows))), "", {"check", "problem"}));
  return clean ? 0 : 2;
}

}  // namespace

Command check_cases_command() {
  return {{"check", "test"},
          "runs every case of every check, and again with each fact missing",
          "tomctl check test --checks ./checks",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("id", flags->id, "one check alone; default: all");
            AddChecksFlag(app, flags->folder);
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
