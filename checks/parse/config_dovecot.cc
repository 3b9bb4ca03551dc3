// Dovecot's settings and blocks (config_tree.h).
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_builder.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

// Without what follows a `#` at the start or behind a blank, outside of quotes.
std::string_view WithoutComment(std::string_view text) {
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        quote = '\0';
      }
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) {
      return text.substr(0, i);
    }
  }
  return text;
}

std::string Unquoted(std::string_view value) {
  if (value.size() < 2 || (value[0] != '"' && value[0] != '\'') || value.back() != value[0]) {
    return std::string(value);
  }
  std::string plain;
  for (size_t i = 1; i + 1 < value.size(); ++i) {
    if (value[i] == '\\' && i + 2 < value.size()) ++i;
    plain += value[i];
  }
  return plain;
}

absl::Status AddLine(ConfigBuilder& builder, std::string_view text, int line) {
  if (text == "}") return builder.Close(line);
  if (text[0] == '!') {
    const size_t blank = std::min(text.find_first_of(" \t"), text.size());
    return builder.Add(std::string(text.substr(0, blank)), {Unquoted(TrimLine(text.substr(blank)))},
                       line);
  }
  const size_t equals = text.find('=');
  if (text.back() == '{' && equals == std::string_view::npos) {
    text.remove_suffix(1);
    std::vector<std::string> arguments;
    for (const std::string_view word : WordsOf(text)) arguments.push_back(Unquoted(word));
    if (arguments.empty()) return builder.Fail(line, "a block without a name");
    std::string name = std::move(arguments.front());
    arguments.erase(arguments.begin());
    return builder.Open(std::move(name), std::move(arguments), line);
  }
  if (equals == std::string_view::npos) return builder.Fail(line, "neither a setting nor a block");
  return builder.Add(std::string(TrimLine(text.substr(0, equals))),
                     {Unquoted(TrimLine(text.substr(equals + 1)))}, line);
}

}  // namespace

absl::StatusOr<ConfigTree> ParseDovecotConfig(std::string_view text, const std::string& path) {
  ConfigBuilder builder(path);
  if (text.find('\0') != std::string_view::npos) return BadData(path + ": a NUL byte");
  int last = 0;
  for (const NumberedLine& line : LinesOf(text, Joined::kBackslash)) {
    last = line.number;
    const std::string_view content = TrimLine(WithoutComment(line.text));
    if (!content.empty()) TOM_RETURN_IF_ERROR(AddLine(builder, content, line.number));
  }
  return builder.Finish(last);
}

}  // namespace tom
