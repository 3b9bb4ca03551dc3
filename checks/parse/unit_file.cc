#include "checks/parse/unit_file.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

bool IsComment(std::string_view line) {
  return !line.empty() && (line[0] == '#' || line[0] == ';');
}

// The next line without its end; false after the last.
bool NextLine(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const size_t end = std::min(text.find('\n'), text.size());
  line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

// Lines that end in `\` go on in the next, comments between them left out.
bool NextStatement(std::string_view& text, std::string& statement, int& number, int& first) {
  std::string_view line;
  statement.clear();
  first = number + 1;
  bool open = false;
  while (NextLine(text, line)) {
    ++number;
    if (IsComment(TrimLine(line))) {
      if (open) continue;
      first = number + 1;
      continue;
    }
    const bool goes_on = !line.empty() && line.back() == '\\';
    if (goes_on) line.remove_suffix(1);
    if (open) statement += ' ';
    statement.append(open ? TrimLine(line) : line);
    open = goes_on;
    if (!open) return true;
  }
  return open || !statement.empty();
}

}  // namespace

bool UnitFile::Read(std::string_view text) {
  std::string section;
  std::string statement;
  int number = 0;
  int first = 0;
  while (NextStatement(text, statement, number, first)) {
    const std::string_view line = TrimLine(statement);
    if (line.empty()) continue;
    if (line.front() == '[') {
      section = line.back() == ']' ? std::string(line.substr(1, line.size() - 2)) : "";
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0 || section.empty()) continue;
    if (settings_.size() >= kMaxSettings) return false;
    settings_.push_back({section, std::string(TrimLine(line.substr(0, equals))),
                         std::string(TrimLine(line.substr(equals + 1))), first});
  }
  return true;
}

std::vector<std::string> UnitFile::Values(std::string_view section, std::string_view key) const {
  std::vector<std::string> values;
  for (const UnitSetting& one : settings_) {
    if (one.section != section || one.key != key) continue;
    if (one.value.empty()) {
      values.clear();
    } else {
      values.push_back(one.value);
    }
  }
  return values;
}

std::string UnitFile::Value(std::string_view section, std::string_view key) const {
  std::vector<std::string> values = Values(section, key);
  return values.empty() ? "" : std::move(values.back());
}

std::vector<std::string> UnitFile::Words(std::string_view section, std::string_view key) const {
  std::vector<std::string> words;
  for (const std::string& value : Values(section, key)) {
    for (const std::string_view word : WordsOf(value)) words.emplace_back(word);
  }
  return words;
}

std::vector<UnitSetting> UnitFile::ValuesOfKind(std::string_view section,
                                                std::string_view start) const {
  std::vector<UnitSetting> found;
  for (const UnitSetting& one : settings_) {
    if (one.section != section || !one.key.starts_with(start)) continue;
    if (one.value.empty()) {
      found.clear();
    } else {
      found.push_back(one);
    }
  }
  return found;
}

bool UnitFile::HasSection(std::string_view section) const {
  return std::any_of(settings_.begin(), settings_.end(),
                     [&](const UnitSetting& one) { return one.section == section; });
}

bool UnitBoolean(std::string_view value, bool otherwise) {
  for (const char* yes : {"1", "yes", "y", "true", "t", "on"}) {
    if (EqualsNoCase(value, yes)) return true;
  }
  for (const char* no : {"0", "no", "n", "false", "f", "off"}) {
    if (EqualsNoCase(value, no)) return false;
  }
  return otherwise;
}

}  // namespace tom
