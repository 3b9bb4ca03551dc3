#include "checks/parse/path_pattern.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxNames = 64;

}  // namespace

absl::StatusOr<PathPattern> ParsePathPattern(std::string_view text) {
  if (text.empty() || text[0] != '/') return BadData("a path or pattern has to be absolute");
  if (text.find('\0') != std::string_view::npos) return BadData("a path that holds a NUL");
  PathPattern pattern;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('/', at), text.size());
    const std::string_view name = text.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    if (pattern.below) return BadData("%% can only be the last name of a pattern");
    pattern.below = name == "%%";
    if (pattern.below) continue;
    if (name.find("%%") != std::string_view::npos) {
      return BadData("%% stands for everything below and can only be a name of its own");
    }
    if (pattern.names.size() == kMaxNames) return BadData("a path of more than 64 names");
    pattern.names.emplace_back(name);
  }
  return pattern;
}

bool NameMatches(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t percent = std::string_view::npos;  // the last one met, and the name's place it may grow to
  size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      percent = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (percent != std::string_view::npos) {
      p = percent + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == std::string_view::npos;
}

}  // namespace tom
