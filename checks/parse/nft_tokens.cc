#include "checks/parse/nft_tokens.h"

#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<std::vector<NftToken>> NftTokens(std::string_view text, const std::string& path) {
  std::vector<NftToken> tokens;
  int line = 1;
  const auto fail = [&](const char* problem) {
    return BadData(std::string(path)
                       .append(" line ")
                       .append(std::to_string(line))
                       .append(": ")
                       .append(problem));
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (tokens.size() > kMaxNftTokens) return fail("more words than are read");
    if (c == '\0') return fail("a NUL byte");
    if (c == '\n') {
      tokens.push_back({";", false, line++});
      ++i;
    } else if (c == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++line;
      i += 2;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++i;
    } else if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '"') {
      const size_t end = text.find('"', i + 1);
      if (end == std::string_view::npos) return fail("a quote that does not end");
      tokens.push_back({std::string(text.substr(i + 1, end - i - 1)), true, line});
      i = end + 1;
    } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '=') {
      tokens.push_back({"!=", false, line});
      i += 2;
    } else if (std::string_view("{};,=").find(c) != std::string_view::npos) {
      tokens.push_back({std::string(1, c), false, line});
      ++i;
    } else {
      size_t end = i;
      while (end < text.size() &&
             std::string_view(" \t\r\n{};,=\"!#").find(text[end]) == std::string_view::npos &&
             text[end] != '\0') {
        ++end;
      }
      if (end == i) ++end;  // a lone `!`
      tokens.push_back({std::string(text.substr(i, end - i)), false, line});
      i = end;
    }
  }
  return tokens;
}

}  // namespace tom
