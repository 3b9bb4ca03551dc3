#include "checks/parse/postfix_config.h"

#include <algorithm>

#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxExpanded = 64 << 10;
constexpr int kMaxExpansions = 16;

// Postfix's logical lines.
std::vector<NumberedLine> LogicalLines(std::string_view text) {
  std::vector<NumberedLine> logical;
  for (NumberedLine& line : LinesOf(text)) {
    const std::string_view content = TrimLine(line.text);
    if (content.empty() || content[0] == '#') continue;
    const bool goes_on = line.text[0] == ' ' || line.text[0] == '\t';
    if (goes_on && !logical.empty()) {
      logical.back().text.append(" ").append(content);
    } else {
      logical.push_back(std::move(line));
    }
  }
  return logical;
}

absl::Status AtLine(const std::string& path, int line, std::string_view problem) {
  return BadData(
      std::string(path).append(" line ").append(std::to_string(line)).append(": ").append(problem));
}

// Words between blanks; one that starts with { goes to the } that closes it, and loses both.
std::vector<std::string> MasterWords(std::string_view text) {
  std::vector<std::string> words;
  while (words.size() < 1000) {
    text = TrimLine(text);
    if (text.empty()) break;
    if (text[0] == '{') {
      int depth = 0;
      size_t end = 0;
      for (; end < text.size(); ++end) {
        depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
        if (depth == 0) break;
      }
      words.emplace_back(TrimLine(text.substr(1, std::min(end, text.size()) - 1)));
      text.remove_prefix(std::min(end + 1, text.size()));
    } else {
      const size_t end = std::min(text.find_first_of(kLineBlanks), text.size());
      words.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  return words;
}

bool TakeParameter(std::string_view text, std::map<std::string, std::string>& parameters) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  parameters[std::string(TrimLine(text.substr(0, equals)))] = TrimLine(text.substr(equals + 1));
  return true;
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name behind `$` at `at`, and where it ends; empty name: not a plain one.
std::string NameAt(std::string_view text, size_t at, size_t& end) {
  const char open = at < text.size() ? text[at] : '\0';
  const char close = open == '{' ? '}' : open == '(' ? ')' : '\0';
  const size_t start = close != '\0' ? at + 1 : at;
  end = start;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  const std::string name(text.substr(start, end - start));
  if (close == '\0') return name;
  if (end >= text.size() || text[end] != close) return "";
  ++end;
  return name;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParsePostfixMain(std::string_view text,
                                                                    const std::string& path) {
  std::map<std::string, std::string> values;
  for (const NumberedLine& line : LogicalLines(text)) {
    if (!TakeParameter(line.text, values)) return AtLine(path, line.number, "not a setting");
  }
  return values;
}

absl::StatusOr<std::vector<PostfixService>> ParsePostfixMaster(std::string_view text,
                                                               const std::string& path) {
  std::vector<PostfixService> services;
  for (const NumberedLine& line : LogicalLines(text)) {
    const std::vector<std::string> words = MasterWords(line.text);
    if (words.size() < 8 || words[0].empty()) return AtLine(path, line.number, "not a service");
    PostfixService service{words[0], words[1], words[7], {}, line.number};
    for (size_t i = 8; i < words.size(); ++i) {
      if (!words[i].starts_with("-o")) continue;
      std::string parameter = words[i].substr(2);
      if (parameter.empty() && i + 1 < words.size()) parameter = words[++i];
      if (!TakeParameter(parameter, service.parameters)) {
        return AtLine(path, line.number, "-o without a setting");
      }
    }
    services.push_back(std::move(service));
  }
  return services;
}

absl::StatusOr<std::string> ExpandPostfix(const std::string& value,
                                          const std::map<std::string, std::string>& values) {
  std::string text = value;
  for (int round = 0; round < kMaxExpansions; ++round) {
    std::string next;
    bool any = false;
    for (size_t i = 0; i < text.size();) {
      if (text[i] != '$') {
        next += text[i++];
        continue;
      }
      any = true;
      size_t end = i + 1;
      const std::string name = NameAt(text, i + 1, end);
      if (name.empty()) return BadData("a condition or a name that is not understood: " + value);
      const auto found = values.find(name);
      if (found != values.end()) next.append(found->second);
      if (next.size() > kMaxExpanded) return BadData("a value that grows without end");
      i = end;
    }
    text = std::move(next);
    if (!any) return text;
  }
  return BadData("a value that leads to itself: " + value);
}

}  // namespace tom
