#include "checks/parse/rsyslog_values.h"

#include <cctype>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

absl::Status Fault(RsyslogCursor& cursor, const std::string& what) {
  return absl::InvalidArgumentError(cursor.file() + ":" + std::to_string(cursor.line()) + ": " +
                                    what);
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

constexpr size_t kMostValues = 1000;

absl::Status ReadValues(RsyslogCursor& cursor, std::vector<std::string>& values) {
  if (cursor.Peek() == '\'') return Fault(cursor, "a value wants double quotes");
  if (!cursor.TakeChar('[')) {
    values.emplace_back();
    return ReadRsyslogText(cursor, values.back());
  }
  for (cursor.SkipBlanks(); !cursor.TakeChar(']'); cursor.SkipBlanks()) {
    if (values.size() > kMostValues) return Fault(cursor, "too long a list");
    values.emplace_back();
    if (const absl::Status status = ReadRsyslogText(cursor, values.back()); !status.ok()) {
      return status;
    }
    cursor.SkipBlanks();
    cursor.TakeChar(',');
  }
  return absl::OkStatus();
}

// What stands behind a classic action: nothing, or ;template.
bool TakeTemplate(std::string_view rest, RsyslogStatement& action) {
  if (rest.empty()) return true;
  if (rest[0] != ';') return false;
  rest.remove_prefix(1);
  if (rest.empty() || rest.find_first_of(" \t;#") != std::string_view::npos) return false;
  action.parameters["template"] = {std::string(rest)};
  return true;
}

// host[:port][;template]; hosts of IPv6 in brackets.
bool TakeHost(std::string_view rest, RsyslogStatement& action, const char* port) {
  const bool bracket = rest.starts_with('[');
  const size_t end = bracket ? rest.find(']') : rest.find_first_of(":;");
  if (bracket && end == std::string_view::npos) return false;
  const std::string_view host = bracket ? rest.substr(1, end - 1) : rest.substr(0, end);
  if (host.empty()) return false;
  action.parameters["target"] = {std::string(host)};
  rest.remove_prefix(std::min(bracket ? end + 1 : host.size(), rest.size()));
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    const std::string_view number = rest.substr(0, rest.find(';'));
    if (number.empty()) return false;
    const std::string_view word = number.substr(0, number.find_first_of(" \t"));
    action.parameters["port"] = {std::string(word)};
    // Behind a blank anything may stand, such as a comment.
    if (word.size() < number.size()) return true;
    rest.remove_prefix(number.size());
  } else {
    action.parameters["port"] = {port};
  }
  return TakeTemplate(rest, action);
}

bool ReadForward(std::string_view rest, RsyslogStatement& action) {
  action.name = "omfwd";
  const bool tcp = rest.starts_with("@@");
  action.parameters["protocol"] = {tcp ? "tcp" : "udp"};
  rest.remove_prefix(tcp ? 2 : 1);
  if (rest.starts_with('(')) {
    const size_t end = rest.find(')');
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
  return TakeHost(rest, action, "514");
}

// :omNAME:…
bool ReadModule(std::string_view rest, RsyslogStatement& action) {
  rest.remove_prefix(1);
  const size_t end = rest.find(':');
  if (end == std::string_view::npos || end < 3) return false;
  action.name = Lower(std::string(rest.substr(0, end)));
  rest.remove_prefix(end + 1);
  if (action.name == "omrelp") return TakeHost(rest, action, "514");
  return true;
}

bool ReadFile(std::string_view rest, RsyslogStatement& action) {
  if (rest.starts_with('-')) rest.remove_prefix(1);
  const std::string_view path = rest.substr(0, rest.find_first_of("; \t"));
  action.name = "omfile";
  action.parameters["file"] = {std::string(path)};
  rest.remove_prefix(path.size());
  if (!rest.empty() && rest[0] != ';') rest = {};  // a comment
  return path.starts_with('/') && TakeTemplate(rest, action);
}

bool IsUserList(std::string_view text) {
  for (const char c : text) {
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ',' ||
                      c == '-' || c == '.';
    if (!fits) return false;
  }
  return !text.empty();
}

}  // namespace

absl::Status ReadRsyslogText(RsyslogCursor& cursor, std::string& text) {
  const char quote = cursor.Peek();
  if (quote != '"' && quote != '\'' && quote != '`') return Fault(cursor, "a quote is expected");
  const std::string_view rest = cursor.Rest();
  size_t at = 1;
  for (; at < rest.size() && rest[at] != quote; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) {
      text.push_back(Unescaped(rest[++at]));
    } else {
      text.push_back(rest[at]);
    }
  }
  if (at >= rest.size()) return Fault(cursor, "a quote is not closed");
  cursor.Skip(at + 1);
  if (quote == '`') text.assign(1, '\0');
  return absl::OkStatus();
}

absl::Status ReadRsyslogParameters(RsyslogCursor& cursor, RsyslogParameters& parameters) {
  for (cursor.SkipBlanks(); !cursor.TakeChar(')'); cursor.SkipBlanks()) {
    const std::string name = Lower(cursor.TakeWord("._-"));
    cursor.SkipBlanks();
    if (name.empty() || !cursor.TakeChar('=')) return Fault(cursor, "name=value is expected");
    cursor.SkipBlanks();
    std::vector<std::string> values;
    if (const absl::Status status = ReadValues(cursor, values); !status.ok()) return status;
    if (parameters.size() > kMostValues) return Fault(cursor, "too many parameters");
    parameters[name] = std::move(values);
  }
  return absl::OkStatus();
}

bool IsSelector(std::string_view text) {
  size_t at = 0;
  bool dot = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') dot = true;
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '*' || c == '.' ||
                      c == ',' || c == ';' || c == '=' || c == '!' || c == '_';
    if (!fits) break;
  }
  return dot && at > 2 && text[0] != '.' && text[0] != ';' && text[0] != '!' &&
         (at == text.size() || text[at] == ' ' || text[at] == '\t' || text[at] == '\r' ||
          text[at] == '\n');
}

bool IsPropertyFilter(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  for (const char c : text.substr(1, comma - 1)) {
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                      c == '$' || c == '!' || c == '.' || c == ' ';
    if (!fits) return false;
  }
  const std::string_view rest = text.substr(comma + 1);
  const size_t second = rest.find(',');
  return second != std::string_view::npos && rest.find('"', second) != std::string_view::npos;
}

bool ReadLegacyActionText(const std::string& text, RsyslogStatement& action) {
  action.legacy = true;
  if (text.empty()) return false;
  switch (text[0]) {
    case '@':
      return ReadForward(text, action);
    case '~':
      action.name = "stop";
      return text == "~";
    case '/':
    case '-':
      return ReadFile(text, action);
    case ':':
      return ReadModule(text, action);
    case '|':
      action.name = "ompipe";
      action.parameters["pipe"] = {text.substr(1, text.find_first_of("; \t") - 1)};
      return true;
    case '?':
      action.name = "omfile";  // whose name a template makes
      return text.size() > 1;
    case '^':
      action.name = "omprog";
      return text.size() > 1;
    case '*':
      action.name = "omusrmsg";
      return text == "*" || text.starts_with("*;");
    default:
      action.name = "omusrmsg";
      return text != "then" && text != "else" && IsUserList(text.substr(0, text.find(';')));
  }
}

}  // namespace tom
