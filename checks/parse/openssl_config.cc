#include "checks/parse/openssl_config.h"

#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status AtLine(const std::string& path, int line, std::string_view problem) {
  return BadData(
      std::string(path).append(" line ").append(std::to_string(line)).append(": ").append(problem));
}

// The value without quotes, escapes and the comment behind it.
std::string PlainValue(std::string_view text) {
  std::string value;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && c == '#') break;
    if (c == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'' || c == '`')) {
      quote = c;
    } else {
      value += c;
    }
  }
  return std::string(TrimLine(value));
}

}  // namespace

absl::StatusOr<std::vector<OpensslLine>> ParseOpensslConfig(std::string_view text,
                                                            const std::string& path) {
  std::vector<OpensslLine> lines;
  std::string section;
  for (const NumberedLine& line : LinesOf(text, Joined::kBackslash)) {
    std::string_view content = TrimLine(line.text);
    if (content.empty() || content[0] == '#') continue;
    if (content[0] == '[') {
      const size_t end = content.find(']');
      if (end == std::string_view::npos) return AtLine(path, line.number, "a section without ]");
      section = TrimLine(content.substr(1, end - 1));
      continue;
    }
    OpensslLine one{section, "", "", line.number};
    const size_t equals = content.find('=');
    if (content[0] == '.') {
      // ".include path", ".include = path", ".pragma …"
      const size_t end = std::min(content.find_first_of(" \t="), content.size());
      one.name = content.substr(0, end);
      content = TrimLine(content.substr(end));
      if (content.starts_with("=")) content = TrimLine(content.substr(1));
      one.value = PlainValue(content);
    } else if (equals == std::string_view::npos) {
      return AtLine(path, line.number, "neither a section nor a value");
    } else {
      one.name = TrimLine(content.substr(0, equals));
      one.value = PlainValue(TrimLine(content.substr(equals + 1)));
      // "section::name" sets a value of another section.
      if (const size_t colons = one.name.find("::"); colons != std::string::npos) {
        one.section = one.name.substr(0, colons);
        one.name.erase(0, colons + 2);
      }
    }
    lines.push_back(std::move(one));
  }
  return lines;
}

}  // namespace tom
