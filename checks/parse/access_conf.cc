#include "checks/parse/access_conf.h"

#include <algorithm>

namespace tom {
namespace {

constexpr size_t kMaxLine = 4096;  // BUFSIZ is more; longer lines are pieces that hold no rule
constexpr size_t kMaxRules = 10000;

// strtok_r(3): separators in a row count as one.
std::vector<std::string> Tokens(std::string_view text, std::string_view separators, size_t most) {
  std::vector<std::string> tokens;
  while (tokens.size() < most) {
    const size_t first = text.find_first_not_of(separators);
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    // The last token is all that is left.
    const size_t end = tokens.size() + 1 == most ? text.size() : text.find_first_of(separators);
    tokens.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
  return tokens;
}

}  // namespace

std::vector<AccessRule> ParseAccessConf(std::string_view text, std::string_view field_separators,
                                        std::string_view list_separators) {
  std::vector<AccessRule> rules;
  for (int number = 1; !text.empty() && rules.size() < kMaxRules; ++number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    while (!line.empty() && std::string_view(" \t\r\v\f").find(line.back()) != line.npos)
      line.remove_suffix(1);
    if (line.empty() || line.size() > kMaxLine || (line[0] != '+' && line[0] != '-')) continue;
    const std::vector<std::string> fields = Tokens(line, field_separators, 3);
    if (fields.size() != 3) continue;
    rules.push_back({number, fields[0][0] == '+', Tokens(fields[1], list_separators, 1000),
                     Tokens(fields[2], list_separators, 1000)});
  }
  return rules;
}

}  // namespace tom
