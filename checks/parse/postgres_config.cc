#include "checks/parse/postgres_config.h"

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Place(const std::string& path, int line) {
  return std::string(path).append(" line ").append(std::to_string(line)).append(": ");
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// 'a''b\'c' -> a'b'c; false where the quote does not end.
bool TakeQuoted(std::string_view& text, std::string& value) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
      value += text[++i];
    } else if (text[i] == '\'') {
      text.remove_prefix(i + 1);
      return true;
    } else {
      value += text[i];
    }
  }
  return false;
}

bool ParseSetting(std::string_view text, PostgresSetting& setting) {
  size_t end = 0;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  if (end == 0) return false;
  setting.name = Lower(text.substr(0, end));
  text = TrimLine(text.substr(end));
  if (text.starts_with("=")) text = TrimLine(text.substr(1));
  if (text.starts_with("'")) {
    if (!TakeQuoted(text, setting.value)) return false;
  } else {
    const size_t stop = std::min(text.find_first_of(" \t#"), text.size());
    setting.value = text.substr(0, stop);
    if (setting.value.empty()) return false;
    text.remove_prefix(stop);
  }
  text = TrimLine(text);
  return text.empty() || text[0] == '#';
}

// Fields of pg_hba.conf: blanks or commas between, quotes, `#` to the end. A list keeps its commas.
std::vector<std::string> AccessFields(std::string_view text) {
  std::vector<std::string> fields;
  bool joins = false;
  for (size_t i = 0; i < text.size() && fields.size() < 1000;) {
    const char c = text[i];
    if (c == '#') break;
    if (c == ' ' || c == '\t' || c == '\r') {
      ++i;
      continue;
    }
    std::string word;
    bool quoted = false;
    for (; i < text.size(); ++i) {
      if (text[i] == '"') {
        quoted = !quoted;
        continue;
      }
      if (!quoted && (text[i] == ' ' || text[i] == '\t' || text[i] == '#' || text[i] == '\r'))
        break;
      word += text[i];
    }
    const bool starts_with_comma = !word.empty() && word[0] == ',';
    if ((joins || starts_with_comma) && !fields.empty()) {
      fields.back().append(word);
    } else {
      fields.push_back(word);
    }
    joins = !word.empty() && word.back() == ',';
  }
  return fields;
}

bool IsNumericMask(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
         text.find_first_of(".:") != std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<PostgresSetting>> ParsePostgresConfig(std::string_view text,
                                                                 const std::string& path) {
  std::vector<PostgresSetting> settings;
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string_view content = TrimLine(line.text);
    if (content.empty() || content[0] == '#') continue;
    PostgresSetting setting;
    setting.line = line.number;
    if (!ParseSetting(content, setting)) return BadData(Place(path, line.number) + "not a setting");
    settings.push_back(std::move(setting));
  }
  return settings;
}

absl::StatusOr<std::vector<PostgresAccess>> ParsePostgresAccess(std::string_view text,
                                                                const std::string& path) {
  std::vector<PostgresAccess> rules;
  for (const NumberedLine& line : LinesOf(text, Joined::kBackslash)) {
    const std::vector<std::string> fields = AccessFields(line.text);
    if (fields.empty()) continue;
    PostgresAccess rule;
    rule.line = line.number;
    rule.type = fields[0];
    if (rule.type.starts_with("include")) {
      rule.database = fields.size() > 1 ? fields[1] : "";
      rules.push_back(std::move(rule));
      continue;
    }
    const bool local = rule.type == "local";
    const size_t least = local ? 4 : 5;
    if ((!local && !rule.type.starts_with("host")) || fields.size() < least) {
      return BadData(Place(path, line.number) + "not a record");
    }
    rule.database = fields[1];
    rule.user = fields[2];
    size_t method = 3;
    if (!local) {
      rule.address = fields[3];
      method = 4;
      const bool has_mask = rule.address.find('/') == std::string::npos &&
                            IsNumericMask(rule.address) && IsNumericMask(fields[4]);
      if (has_mask) {
        rule.address.append("/").append(fields[4]);
        method = 5;
      }
    }
    if (method >= fields.size()) return BadData(Place(path, line.number) + "no method");
    rule.method = fields[method];
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace tom
