#include "checks/tables/row_text.h"

#include <charconv>

namespace tom {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void AddText(const std::string& value, std::string& text) {
  text += 't';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7f && c != '%') {
      text += c;
    } else {
      text += '%';
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
    }
  }
}

bool TakeText(std::string_view cell, std::string& value) {
  for (size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '%') {
      value += cell[i];
      continue;
    }
    if (i + 2 >= cell.size()) return false;
    const size_t high = kHex.find(cell[i + 1]);
    const size_t low = kHex.find(cell[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    value += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

std::optional<Value> TakeCell(std::string_view cell) {
  if (cell == "-") return Value();
  if (cell.starts_with("t")) {
    std::string text;
    if (!TakeText(cell.substr(1), text)) return std::nullopt;
    return Value(text);
  }
  if (!cell.starts_with("i")) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(cell.data() + 1, cell.data() + cell.size(), number);
  if (error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return Value(number);
}

}  // namespace

std::string RowsToText(const std::vector<ValueRow>& rows) {
  std::string text;
  for (const ValueRow& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += '\t';
      if (const auto* number = std::get_if<int64_t>(&row[i])) {
        text.append("i").append(std::to_string(*number));
      } else if (const auto* value = std::get_if<std::string>(&row[i])) {
        AddText(*value, text);
      } else {
        text += '-';
      }
    }
    text += '\n';
  }
  return text;
}

std::optional<std::vector<ValueRow>> RowsFromText(std::string_view text, size_t columns) {
  std::vector<ValueRow> rows;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    ValueRow& row = rows.emplace_back();
    while (true) {
      const size_t tab = line.find('\t');
      auto cell = TakeCell(line.substr(0, tab));
      if (!cell) return std::nullopt;
      row.push_back(*std::move(cell));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    if (row.size() != columns) return std::nullopt;
  }
  return rows;
}

}  // namespace tom
