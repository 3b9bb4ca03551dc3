// tom-agent query "SQL": what a check would see. Runs in this process, under the same guard as a
// check, with a soft deadline only: whoever typed it can stop it.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/command.h"
#include "agent/exit_code.h"
#include "agent/output.h"
#include "agent/root_flags.h"
#include "agent/state.h"
#include "agent/text_output.h"
#include "checks/engine/sql_engine.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

struct Flags {
  RootFlags root;
  std::string sql;
  std::string format = "table";
  std::string output;
  std::string state_dir{kDefaultStateDir};
  bool pseudonymise = false;
};

constexpr int64_t kMiB = 1 << 20;

std::string JsonValue(const Value& value) {
  if (IsNull(value)) return "null";
  if (const auto* number = std::get_if<int64_t>(&value)) return Canonical(IntegerOrText(*number));
  if (const auto* text = std::get_if<std::string>(&value)) return Canonical(TextOrBytes(*text));
  return JsonString(ValueText(value));
}

std::string JsonRows(const SqlResult& result) {
  std::string json = "[";
  for (const ValueRow& row : result.rows) {
    json += json.size() > 1 ? ",\n{" : "\n{";
    for (size_t i = 0; i < row.size(); ++i) {
      json += (i == 0 ? "" : ",") + JsonString(result.columns[i]) + ":" + JsonValue(row[i]);
    }
    json += "}";
  }
  return AsciiJson(json + "]\n");
}

std::string CsvRows(const SqlResult& result) {
  std::string csv = CsvRecord(result.columns);
  for (const ValueRow& row : result.rows) {
    std::vector<std::string> cells;
    for (const Value& value : row) cells.push_back(ValueText(value));
    csv += CsvRecord(cells);
  }
  return csv;
}

std::string TableRows(const SqlResult& result) {
  std::vector<std::vector<std::string>> cells(1);
  for (const std::string& name : result.columns) cells[0].push_back(TerminalText(name, 200));
  for (const ValueRow& row : result.rows) {
    cells.emplace_back();
    for (const Value& value : row) cells.back().push_back(TerminalText(ValueText(value), 200));
  }
  return AlignedTable(cells);
}

int RunQuery(const Flags& flags) {
  auto examined = Examine(flags.root);
  if (!examined.ok()) return ReportError(examined.status(), kExitConfiguration);
  SqlOptions options;
  options.declared = examined->config.declared;
  options.soft_deadline_ms = examined->request.check_seconds * 1000;
  options.heap_bytes = examined->request.memory_mib * kMiB / 2;
  if (flags.pseudonymise) {
    auto key = LoadPseudonymKey(examined->config, flags.state_dir);
    if (!key.ok()) return ReportError(key.status(), kExitConfiguration);
    options.pseudonym_key = *std::move(key);
  }
  const auto env = OpenPosixEnv(examined->request.mode, examined->request.root);
  if (!env.ok()) return ReportError(env.status());
  const auto engine = SqlEngine::Create(AllTables(), **env, std::move(options));
  if (!engine.ok()) return ReportError(engine.status());
  const auto result = (*engine)->Run(flags.sql, {});
  if (!result.ok()) return ReportError(result.status(), kExitFailed);
  const std::string text = flags.format == "json"  ? JsonRows(*result)
                           : flags.format == "csv" ? CsvRows(*result)
                                                   : TableRows(*result);
  if (const absl::Status written = WriteOutput(flags.output, text); !written.ok()) {
    return ReportError(written, kExitFailed);
  }
  for (const std::string& reason : result->incomplete) {
    ReportError(BadData("not everything was read: " + reason), 0);
  }
  if (result->truncated) ReportError(BadData("more rows than the bound; the rest is left out"), 0);
  return result->incomplete.empty() && !result->truncated ? 0 : kExitUnknown;
}

}  // namespace

AgentCommand query_command() {
  return {.name = "query",
          .help = "Run one SQL query over the fact tables",
          .example = "tom-agent query \"SELECT username, uid FROM users WHERE uid >= 1000\"",
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto flags = std::make_shared<Flags>();
            app.add_option("SQL", flags->sql, "One SELECT")->required();
            AddRootFlags(app, flags->root);
            app.add_option("--format", flags->format, "table, json or csv")
                ->check(CLI::IsMember({"table", "json", "csv"}))
                ->capture_default_str();
            app.add_option("-o,--output", flags->output, "Write to this file")->type_name("FILE");
            app.add_option("--state-dir", flags->state_dir, "Where the agent's own key lies")
                ->type_name("DIR");
            app.add_flag("--pseudonymise", flags->pseudonymise,
                         "Print pseudonyms in place of names of people");
            return [flags] { return RunQuery(*flags); };
          }};
}

}  // namespace tom
