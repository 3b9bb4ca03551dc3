// Numbers of nothing but digits.
#ifndef TOM_CHECKS_PARSE_PLAIN_NUMBER_H_
#define TOM_CHECKS_PARSE_PLAIN_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tom {

// Nothing where there is another character, none at all, or more than `most` of them. REQUIRES:
// most <= 18, which int64_t always holds.
inline std::optional<int64_t> PlainNumber(std::string_view text, size_t most = 17) {
  if (text.empty() || text.size() > most) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PLAIN_NUMBER_H_
