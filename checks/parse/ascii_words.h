// Words of text protocols: ASCII, without regard to case.
#ifndef TOM_CHECKS_PARSE_ASCII_WORDS_H_
#define TOM_CHECKS_PARSE_ASCII_WORDS_H_

#include <algorithm>
#include <string_view>
#include <vector>

namespace tom {

constexpr char UpperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

inline bool EqualsNoCase(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return UpperAscii(a) == UpperAscii(b); });
}

inline bool StartsNoCase(std::string_view text, std::string_view start) {
  return EqualsNoCase(text.substr(0, start.size()), start);
}

inline bool ContainsNoCase(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return UpperAscii(a) == UpperAscii(b); }) != text.end();
}

// At most 200 words, which lie in `text`.
inline std::vector<std::string_view> WordsOf(std::string_view text,
                                             std::string_view between = " \t") {
  constexpr size_t kMostWords = 200;
  std::vector<std::string_view> words;
  while (words.size() < kMostWords) {
    const size_t start = text.find_first_not_of(between);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const size_t end = std::min(text.find_first_of(between), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

inline bool HasWord(const std::vector<std::string_view>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view one) { return EqualsNoCase(one, word); });
}

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ASCII_WORDS_H_
