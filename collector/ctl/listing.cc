#include "collector/ctl/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

using nlohmann::json;
using Table = std::vector<std::vector<std::string>>;

absl::StatusOr<json> Parse(std::string_view text) {
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return BadData("the collector's answer is no JSON");
  return document;
}

// One cell: lists are joined, absent and null are empty.
std::string Cell(const json& row, const std::string& column) {
  if (!row.is_object() || !row.contains(column)) return "";
  const json& value = row.at(column);
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out;
  for (const json& item : value) {
    if (!out.empty()) out += ", ";
    out += item.is_string() ? item.get<std::string>()
                            : item.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  return out;
}

std::vector<json> Rows(const json& document, const std::string& rows) {
  const json* list = &document;
  if (!rows.empty()) {
    if (!document.is_object() || !document.contains(rows)) return {};
    list = &document.at(rows);
  }
  if (list->is_object()) return {*list};
  return list->is_array() ? list->get<std::vector<json>>() : std::vector<json>();
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // characters, not bytes
  }));
}

std::string Aligned(const Table& table) {
  std::vector<size_t> widths(table.front().size(), 0);
  for (const auto& row : table) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : table) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string Csv(const Table& table) {
  std::string out;
  for (const auto& row : table) {
    for (size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + row[i];
    out += "\r\n";
  }
  return out;
}

}  // namespace

std::string CsvField(std::string_view text) {
  std::string safe = TerminalText(text);
  if (!safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  if (safe.find_first_of("\",") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

absl::StatusOr<std::string> FormatList(std::string_view text, const std::string& rows,
                                       const std::vector<std::string>& columns,
                                       const std::string& format) {
  TOM_ASSIGN_OR_RETURN(const json document, Parse(text));
  if (format == "json") return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const bool csv = format == "csv";
  Table table{columns};
  for (const json& row : Rows(document, rows)) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const std::string cell = Cell(row, column);
      cells.push_back(csv ? CsvField(cell) : TerminalText(cell, 200));
    }
    table.push_back(std::move(cells));
  }
  return csv ? Csv(table) : Aligned(table);
}

absl::StatusOr<std::vector<std::string>> ListColumn(std::string_view text, const std::string& rows,
                                                    const std::string& column) {
  TOM_ASSIGN_OR_RETURN(const json document, Parse(text));
  std::vector<std::string> values;
  for (const json& row : Rows(document, rows)) values.push_back(Cell(row, column));
  return values;
}

absl::StatusOr<std::string> OnlyRow(std::string_view text, const std::vector<std::string>& columns,
                                    const std::string& value) {
  TOM_ASSIGN_OR_RETURN(const json document, Parse(text));
  std::vector<json> found;
  for (const json& row : Rows(document, "")) {
    const bool match = std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      return Cell(row, column) == value;
    });
    if (match) found.push_back(row);
  }
  if (found.empty()) return absl::NotFoundError(ToAbsl("there is no " + value));
  if (found.size() > 1) return absl::FailedPreconditionError(ToAbsl("several are called " + value));
  return found.front().dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tom
