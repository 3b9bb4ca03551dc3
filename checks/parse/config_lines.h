// Text of configurations as lines. Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_CONFIG_LINES_H_
#define TOM_CHECKS_PARSE_CONFIG_LINES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr std::string_view kLineBlanks = " \t\r\f\v";

// Without blanks at either end.
inline std::string_view TrimLine(std::string_view text) {
  const size_t first = text.find_first_not_of(kLineBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kLineBlanks) - first + 1);
}

struct NumberedLine {
  std::string text;
  int number = 0;  // of its first line, from 1
};

enum class Joined {
  kNever,
  kBackslash,  // a `\` right before the line end joins the next line
};

// All lines without their ends.
inline std::vector<NumberedLine> LinesOf(std::string_view text, Joined joined = Joined::kNever) {
  std::vector<NumberedLine> lines;
  int number = 0;
  bool open = false;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool goes_on = joined == Joined::kBackslash && !line.empty() && line.back() == '\\';
    if (goes_on) line.remove_suffix(1);
    if (open) {
      lines.back().text.append(line);
    } else {
      lines.push_back({std::string(line), number});
    }
    open = goes_on;
  }
  return lines;
}

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CONFIG_LINES_H_
