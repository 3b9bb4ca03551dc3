#include "agent/text_output.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "checks/engine/clean_text.h"
#include "evidence/canonical_json.h"

namespace tom {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The code point at `at`, which it moves on. REQUIRES: UTF-8.
uint32_t NextCodePoint(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  const size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint32_t code = size == 1 ? first : first & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = code << 6 | (byte(at + i) & 0x3F);
  at += size;
  return code;
}

bool IsControl(uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
}

std::string WithoutControls(std::string_view bytes) {
  const std::string text = CleanText(bytes, bytes.size() * kReplacement.size() + 16);
  std::string clean;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const bool control = IsControl(NextCodePoint(text, at));
    clean += control ? kReplacement : std::string_view(text).substr(start, at - start);
  }
  return clean;
}

std::string CsvCell(std::string_view bytes) {
  std::string cell = WithoutControls(bytes);
  const size_t first = cell.find_first_not_of(" \t\r\n");
  if (first != std::string::npos &&
      std::string_view("=+-@").find(cell[first]) != std::string_view::npos) {
    cell.insert(0, "'");
  }
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void AppendEscape(uint32_t unit, std::string& out) {
  std::array<char, 8> text;
  std::snprintf(text.data(), text.size(), "\\u%04x", unit & 0xFFFF);
  out += text.data();
}

// Characters, for alignment: wide and combining ones count as one, our own colours (ESC to m) as
// none.
size_t Width(std::string_view text) {
  size_t width = 0;
  bool color = false;
  for (const char c : text) {
    if (c == '\x1b') color = true;
    if (!color && (static_cast<uint8_t>(c) & 0xC0) != 0x80) ++width;
    if (c == 'm') color = false;
  }
  return width;
}

}  // namespace

std::string CsvRecord(const std::vector<std::string>& cells) {
  std::string record;
  for (size_t i = 0; i < cells.size(); ++i) record += (i == 0 ? "" : ",") + CsvCell(cells[i]);
  return record + "\r\n";
}

std::string AsciiJson(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    const uint32_t code = NextCodePoint(json, at);
    if (code < 0x7F) {
      out.push_back(static_cast<char>(code));
    } else if (code < 0x10000) {
      AppendEscape(code, out);
    } else {
      AppendEscape(0xD800 + ((code - 0x10000) >> 10), out);
      AppendEscape(0xDC00 + ((code - 0x10000) & 0x3FF), out);
    }
  }
  return out;
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(CleanText(text, text.size() * kReplacement.size() + 16), out);
  return out;
}

std::string AlignedTable(const std::vector<std::vector<std::string>>& cells) {
  std::vector<size_t> widths;
  for (const auto& row : cells) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : cells) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out += std::string(widths[i] - Width(row[i]) + 2, ' ');
    }
    out += "\n";
  }
  return out;
}

}  // namespace tom
