// The lines of one file: sshd's tokens (strdelim and argv_split of OpenSSH's misc.c) and what it
// refuses.
#include <cctype>
#include <optional>

#include "checks/parse/sshd_config.h"
#include "checks/parse/sshd_pattern.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

size_t SkipBlanks(std::string_view text, size_t at) {
  const size_t next = text.find_first_not_of(kBlanks, at);
  return next == std::string_view::npos ? text.size() : next;
}

// Takes the next token off `rest`: up to a blank, a quote or one `=`. A quoted part ends the token
// too, and the rest of it is joined to what stood before the quote. Nothing: the end, or a quote
// without its pair.
std::optional<std::string> TakeToken(std::optional<std::string_view>& rest) {
  if (!rest) return std::nullopt;
  const std::string_view text = *rest;
  const size_t end = text.find_first_of(" \t\r\n\"=");
  if (end == std::string_view::npos) {
    rest.reset();
    return std::string(text);
  }
  if (text[end] == '"') {
    const size_t close = text.find('"', end + 1);
    if (close == std::string_view::npos) {
      rest.reset();
      return std::nullopt;
    }
    rest = text.substr(SkipBlanks(text, close + 1));
    return std::string(text.substr(0, end)) + std::string(text.substr(end + 1, close - end - 1));
  }
  size_t next = SkipBlanks(text, end + 1);
  if (text[end] != '=' && next < text.size() && text[next] == '=')
    next = SkipBlanks(text, next + 1);
  rest = text.substr(next);
  return std::string(text.substr(0, end));
}

bool IsEscaped(std::string_view text, size_t at, char quote) {
  if (text[at] != '\\' || at + 1 >= text.size()) return false;
  const char next = text[at + 1];
  return next == '\'' || next == '"' || next == '\\' || (quote == '\0' && next == ' ');
}

// Words with quotes and escapes; false: a quote is not closed.
bool SplitArguments(std::string_view text, std::vector<std::string>& words) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' || text[i] == '\t') continue;
    if (text[i] == '#') break;
    std::string word;
    char quote = '\0';
    for (; i < text.size(); ++i) {
      if (IsEscaped(text, i, quote)) {
        word += text[++i];
      } else if (quote == '\0' && (text[i] == ' ' || text[i] == '\t')) {
        break;
      } else if (quote == '\0' && (text[i] == '"' || text[i] == '\'')) {
        quote = text[i];
      } else if (quote != '\0' && text[i] == quote) {
        quote = '\0';
      } else {
        word += text[i];
      }
    }
    if (quote != '\0') return false;
    words.push_back(std::move(word));
  }
  return true;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

std::optional<SshdCriterion::Kind> CriterionKind(std::string_view name) {
  using Kind = SshdCriterion::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {{"user", Kind::kUser},
                                                          {"group", Kind::kGroup},
                                                          {"host", Kind::kHost},
                                                          {"address", Kind::kAddress},
                                                          {"localport", Kind::kLocalPort},
                                                          {"localaddress", Kind::kLocalAddress},
                                                          {"rdomain", Kind::kRoutingDomain}};
  for (const auto& [text, kind] : kKinds) {
    if (EqualsIgnoringCase(name, text)) return kind;
  }
  return std::nullopt;
}

std::string CheckCriterion(const SshdCriterion& criterion) {
  using Kind = SshdCriterion::Kind;
  if (criterion.kind == Kind::kAddress || criterion.kind == Kind::kLocalAddress) {
    bool refused = false;
    SshdAddressListMatches("192.0.2.1", criterion.argument, refused);
    if (refused) return "invalid Match address argument";
  }
  if (criterion.kind == Kind::kLocalPort &&
      (criterion.argument.empty() || criterion.argument.size() > 5 ||
       criterion.argument.find_first_not_of("0123456789") != std::string::npos ||
       std::stoi(criterion.argument) > 65535)) {
    return "invalid LocalPort";
  }
  return "";
}

// Returns what sshd would say against it, or "".
std::string ParseCriteria(std::string_view text, std::vector<SshdCriterion>& criteria) {
  std::optional<std::string_view> rest = text;
  size_t attributes = 0;
  for (auto name = TakeToken(rest); name && !name->empty(); name = TakeToken(rest)) {
    if ((*name)[0] == '#') {
      rest.reset();
      break;
    }
    ++attributes;
    auto argument = TakeToken(rest);
    const bool none = !argument || argument->empty() || (*argument)[0] == '#';
    if (EqualsIgnoringCase(*name, "all")) {
      if (attributes > 1 || !none) return "'all' cannot be combined with other Match attributes";
      criteria.push_back({SshdCriterion::Kind::kAll, ""});
      return "";
    }
    if (none) return "missing Match criteria";
    const auto kind = CriterionKind(*name);
    if (!kind) return "unsupported Match attribute";
    criteria.push_back({*kind, *std::move(argument)});
    if (std::string problem = CheckCriterion(criteria.back()); !problem.empty()) return problem;
  }
  if (attributes == 0) return "one or more attributes required for Match";
  return rest && !rest->empty() ? "extra arguments at end of line" : "";
}

// Returns what sshd would say against it, or ""; `line.keyword` stays null for a line that says
// nothing.
std::string ParseLine(std::string_view text, SshdLine& line) {
  const size_t last = text.find_last_not_of(" \t\r\n\f");
  text =
      text.substr(0, last == std::string_view::npos ? std::min<size_t>(text.size(), 1) : last + 1);
  std::optional<std::string_view> rest = text;
  auto name = TakeToken(rest);
  if (name && name->empty()) name = TakeToken(rest);
  if (!name || name->empty() || (*name)[0] == '#') return "";
  if (!rest || rest->empty()) return "no argument after keyword";
  line.keyword = FindSshdKeyword(*name);
  if (line.keyword == nullptr) return "bad configuration option";
  if (!SplitArguments(*rest, line.arguments)) return "invalid quotes";
  if (line.keyword->kind == SshdKind::kMatch) return ParseCriteria(*rest, line.criteria);
  if (line.keyword->kind == SshdKind::kInclude) {
    for (const std::string& argument : line.arguments) {
      if (argument.empty()) return "empty argument";
    }
    return line.arguments.empty() ? "empty argument" : "";
  }
  std::string problem;
  line.value = NormalSshdValue(*line.keyword, line.arguments, problem);
  return problem;
}

}  // namespace

absl::StatusOr<std::vector<SshdLine>> ParseSshdLines(std::string_view text,
                                                     const std::string& path) {
  std::vector<SshdLine> lines;
  int number = 0;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view content = text.substr(start, end - start);
    content.remove_prefix(std::min(content.find_first_not_of(" \t\r"), content.size()));
    SshdLine line;
    line.number = ++number;
    const std::string problem =
        content.find('\0') != std::string_view::npos ? "a NUL byte" : ParseLine(content, line);
    if (!problem.empty()) {
      return BadData(path + " line " + std::to_string(number) + ": " + problem);
    }
    if (line.keyword != nullptr) lines.push_back(std::move(line));
    start = end + 1;
  }
  return lines;
}

std::string SshdSelector(const std::string& argument) {
  return argument[0] == '/' || argument[0] == '~' ? argument : "/etc/ssh/" + argument;
}

}  // namespace tom
