// tom-agent plan: what `check` would touch with the same flags. Reads the configuration, the
// catalogue, the SSH server's includes and the list of listeners to know it; does nothing else.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_join.h"
#include "agent/command.h"
#include "agent/exit_code.h"
#include "agent/output.h"
#include "agent/text_output.h"
#include "agent/touch_plan.h"
#include "checks/env/env_posix.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr size_t kTableText = 100;  // bytes of one cell

struct Flags {
  SelectionFlags selection;
  std::string format = "table";
  std::string output;
};

std::string Json(const std::vector<PlannedTouch>& touches) {
  std::string json = "[";
  for (const PlannedTouch& one : touches) {
    json.append(json.size() > 1 ? ",\n" : "\n").append("{\"kind\":");
    json.append(JsonString(TouchKindName(one.touch.kind))).append(",\"target\":");
    json.append(JsonString(one.touch.target)).append(",\"purpose\":");
    json.append(JsonString(one.touch.purpose)).append(",\"checks\":[");
    std::string between;
    for (const std::string& check : one.checks) {
      json.append(std::exchange(between, ",")).append(JsonString(check));
    }
    json.append("]}");
  }
  return AsciiJson(json.append("\n]\n"));
}

std::string Checks(const PlannedTouch& one) { return std::string(absl::StrJoin(one.checks, " ")); }

std::string Csv(const std::vector<PlannedTouch>& touches) {
  std::string csv = CsvRecord({"kind", "target", "purpose", "checks"});
  for (const PlannedTouch& one : touches) {
    csv.append(CsvRecord({std::string(TouchKindName(one.touch.kind)), one.touch.target,
                          one.touch.purpose, Checks(one)}));
  }
  return csv;
}

std::string Text(const std::vector<PlannedTouch>& touches) {
  std::vector<std::vector<std::string>> cells = {{"KIND", "TARGET", "PURPOSE", "CHECKS"}};
  cells.reserve(touches.size() + 1);
  for (const PlannedTouch& one : touches) {
    cells.push_back({std::string(TouchKindName(one.touch.kind)),
                     TerminalText(one.touch.target, kTableText),
                     TerminalText(one.touch.purpose, kTableText),
                     one.checks.empty() ? "all" : TerminalText(Checks(one), kTableText)});
  }
  return AlignedTable(cells);
}

int RunPlan(const Flags& flags) {
  Selection selection;
  if (const int code = Select(flags.selection, selection); code != kExitAllPass) return code;
  const EvaluateRequest& request = selection.examined.request;
  const auto env = OpenPosixEnv(request.mode, request.root);
  if (!env.ok()) return ReportError(env.status());
  const auto touches = PlanTouches(selection, flags.selection.root, **env, AllTables());
  if (!touches.ok()) return ReportError(touches.status());
  const std::string text = flags.format == "json"  ? Json(*touches)
                           : flags.format == "csv" ? Csv(*touches)
                                                   : Text(*touches);
  const absl::Status written = WriteOutput(flags.output, text);
  return written.ok() ? kExitAllPass : ReportError(written, kExitFailed);
}

}  // namespace

AgentCommand plan_command() {
  return {.name = "plan",
          .help = "List every file, socket, address, program and capability that check would touch",
          .example = "tom-agent plan --profile velory-dpa --format json",
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto flags = std::make_shared<Flags>();
            AddSelectionFlags(app, flags->selection);
            app.add_option("--format", flags->format, "table, json or csv")
                ->check(CLI::IsMember({"table", "json", "csv"}))
                ->capture_default_str();
            app.add_option("-o,--output", flags->output, "Write to this file")->type_name("FILE");
            return [flags] { return RunPlan(*flags); };
          }};
}

}  // namespace tom
