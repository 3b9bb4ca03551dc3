#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

struct Flags {
  std::string folder, id;
};

std::string Describe(const Check& check) {
  std::string out = TerminalText(check.id) + ": " + TerminalText(check.title) + "\n";
  out += "measure " + check.measure + ", severity " + check.severity + ", every " + check.interval +
         ", on " + check.runs_on + "\n";
  out += "digest " + check.digest.Hex() + "\n";
  for (const auto& [name, parameter] : check.parameters) {
    out += "parameter " + name + " (" + parameter.type + ", stricter " + parameter.stricter + ")\n";
  }
  if (!check.rationale.empty()) out += "why: " + TerminalText(check.rationale) + "\n";
  if (!check.remediation.empty()) out += "remedy: " + TerminalText(check.remediation) + "\n";
  for (const std::string& reference : check.references) {
    out += "reference " + TerminalText(reference) + "\n";
  }
  std::string_view query = check.query;
  while (!query.empty()) {
    const size_t end = std::min(query.find('\n'), query.size());
    out += "  " + TerminalText(query.substr(0, end)) + "\n";
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const LoadedCatalogue loaded, LoadCheckFiles(flags.folder));
  const auto found = loaded.catalogue.checks.find(flags.id);
  if (found == loaded.catalogue.checks.end()) {
    return absl::NotFoundError(ToAbsl("no check " + flags.id + " in " + flags.folder));
  }
  const Json json = CheckToJson(found->second);
  TOM_RETURN_IF_ERROR(session.flags().format == "table"
                          ? session.Print(Describe(found->second))
                          : session.PrintList(Canonical(json), "",
                                              {"id", "measure", "title", "severity", "query"}));
  return 0;
}

}  // namespace

Command check_show_command() {
  return {{"check", "show"},
          "one check: its query, parameters and digest",
          "tomctl check show tls-minimum-version --checks ./checks",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("id", flags->id, "id of the check")->required();
            AddChecksFlag(app, flags->folder);
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
