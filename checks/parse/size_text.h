// Sizes as rsyslog writes them: a number with k, m, g, t (of 1024) or K, M, G, T (of 1000), and
// separators that mean nothing. Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_SIZE_TEXT_H_
#define TOM_CHECKS_PARSE_SIZE_TEXT_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tom {

inline std::optional<int64_t> ParseSizeText(std::string_view text) {
  constexpr int64_t kMost = int64_t{1} << 50;
  int64_t number = 0;
  size_t digits = 0;
  for (; !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == ',' || text[0] == '.');
       text.remove_prefix(1)) {
    if (text[0] == ',' || text[0] == '.') continue;
    ++digits;
    number = number * 10 + (text[0] - '0');
    if (number > kMost) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  if (text.empty()) return number;
  constexpr std::string_view kUnits = "kmgtKMGT";
  const size_t unit = kUnits.find(text[0]);
  if (text.size() != 1 || unit == std::string_view::npos) return std::nullopt;
  for (size_t i = 0; i <= unit % 4; ++i) {
    number *= unit < 4 ? 1024 : 1000;
    if (number > kMost) return std::nullopt;
  }
  return number;
}

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SIZE_TEXT_H_
