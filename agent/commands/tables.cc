// tom-agent tables [NAME]: what can be asked.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/command.h"
#include "agent/exit_code.h"
#include "agent/output.h"
#include "agent/text_output.h"
#include "checks/engine/table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string name;
  std::string format = "table";
};

using Rows = std::vector<std::vector<std::string>>;

std::string TypeName(ColumnType type) {
  return type == ColumnType::kText ? "text" : type == ColumnType::kInteger ? "integer" : "bigint";
}

// The heading and one row a column.
Rows ColumnRows(const Table& table) {
  Rows rows = {{"column", "type", "personal", "notes", "description"}};
  for (const Column& column : table.columns) {
    std::string notes = column.required ? "required" : column.pushdown ? "indexed" : "";
    if (column.hidden) notes += notes.empty() ? "hidden" : ", hidden";
    rows.push_back(
        {column.name, TypeName(column.type), column.personal, notes, column.description});
  }
  return rows;
}

std::string Json(const Rows& rows) {
  std::string json = "[";
  for (size_t i = 1; i < rows.size(); ++i) {
    json += i == 1 ? "{" : ",\n{";
    for (size_t j = 0; j < rows[i].size(); ++j) {
      json += (j == 0 ? "" : ",") + JsonString(rows[0][j]) + ":" + JsonString(rows[i][j]);
    }
    json += "}";
  }
  return AsciiJson(json + "]\n");
}

int RunTables(const Flags& flags) {
  Rows rows = {{"table", "description"}};
  bool found = flags.name.empty();
  for (const Table& table : AllTables()) {
    if (flags.name.empty()) rows.push_back({table.name, table.description});
    if (flags.name != table.name) continue;
    rows = ColumnRows(table);
    found = true;
  }
  if (!found) return ReportError(absl::NotFoundError(ToAbsl("no table " + flags.name)), kExitUsage);
  std::string text;
  if (flags.format == "csv") {
    for (const auto& row : rows) text += CsvRecord(row);
  } else {
    text = flags.format == "json" ? Json(rows) : AlignedTable(rows);
  }
  const absl::Status written = WriteOutput("", text);
  return written.ok() ? 0 : ReportError(written, kExitFailed);
}

}  // namespace

AgentCommand tables_command() {
  return {.name = "tables",
          .help = "List the fact tables, or the columns of one",
          .example = "tom-agent tables users",
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto flags = std::make_shared<Flags>();
            app.add_option("NAME", flags->name, "A table");
            app.add_option("--format", flags->format, "table, json or csv")
                ->check(CLI::IsMember({"table", "json", "csv"}))
                ->capture_default_str();
            return [flags] { return RunTables(*flags); };
          }};
}

}  // namespace tom
