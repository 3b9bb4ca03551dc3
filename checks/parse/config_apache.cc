// httpd's lines and sections (config_tree.h).
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_builder.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

// ap_getword_conf: blank-separated, quotes of both kinds around a whole word, `\` before the quote
// or another `\` inside.
std::vector<std::string> ConfWords(std::string_view text) {
  std::vector<std::string> words;
  for (size_t i = 0; i < text.size() && words.size() < 4096;) {
    if (kLineBlanks.find(text[i]) != std::string_view::npos) {
      ++i;
      continue;
    }
    std::string word;
    const char quote = text[i] == '"' || text[i] == '\'' ? text[i++] : '\0';
    for (; i < text.size(); ++i) {
      if (quote == '\0' && kLineBlanks.find(text[i]) != std::string_view::npos) break;
      if (quote != '\0' && text[i] == quote) {
        ++i;
        break;
      }
      const bool escaped = quote != '\0' && text[i] == '\\' && i + 1 < text.size() &&
                           (text[i + 1] == quote || text[i + 1] == '\\');
      if (escaped) ++i;
      word += text[i];
    }
    words.push_back(std::move(word));
  }
  return words;
}

absl::Status AddSection(ConfigBuilder& builder, std::string_view text, int line) {
  if (text.back() != '>') return builder.Fail(line, "a section without >");
  text.remove_suffix(1);
  if (text.starts_with("</")) {
    const std::string_view name = TrimLine(text.substr(2));
    if (builder.OpenName() == nullptr || !EqualsNoCase(*builder.OpenName(), name)) {
      return builder.Fail(line, "the end of a section that was not begun");
    }
    return builder.Close(line);
  }
  std::vector<std::string> words = ConfWords(text.substr(1));
  if (words.empty()) return builder.Fail(line, "a section without a name");
  std::string name = std::move(words.front());
  words.erase(words.begin());
  return builder.Open(std::move(name), std::move(words), line);
}

}  // namespace

absl::StatusOr<ConfigTree> ParseApacheConfig(std::string_view text, const std::string& path) {
  ConfigBuilder builder(path);
  if (text.find('\0') != std::string_view::npos) return BadData(path + ": a NUL byte");
  int last = 0;
  for (const NumberedLine& line : LinesOf(text, Joined::kBackslash)) {
    last = line.number;
    const std::string_view content = TrimLine(line.text);
    if (content.empty() || content[0] == '#') continue;
    if (content[0] == '<') {
      TOM_RETURN_IF_ERROR(AddSection(builder, content, line.number));
      continue;
    }
    std::vector<std::string> words = ConfWords(content);
    std::string name = std::move(words.front());
    words.erase(words.begin());
    TOM_RETURN_IF_ERROR(builder.Add(std::move(name), std::move(words), line.number));
  }
  return builder.Finish(last);
}

}  // namespace tom
