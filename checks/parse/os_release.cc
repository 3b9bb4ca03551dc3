#include "checks/parse/os_release.h"

#include <algorithm>
#include <charconv>

#include "evidence/digest.h"

namespace tom {
namespace {

constexpr size_t kMaxLines = 1000;
constexpr size_t kMaxProblems = 10;
constexpr std::string_view kBlanks = " \t\r";

std::string_view Trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

bool IsName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), allowed);
}

// The text between the quotes that `text` starts and ends with; false when it is not one quoted
// text.
bool Unquote(std::string_view text, std::string& value) {
  const char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1 == text.size();
    if (quote == '"' && text[i] == '$') return false;
    if (quote == '"' && text[i] == '\\') {
      if (i + 1 == text.size()) return false;
      if (std::string_view("$\"\\`").find(text[i + 1]) != std::string_view::npos) ++i;
    }
    value.push_back(text[i]);
  }
  return false;
}

bool ReadValue(std::string_view text, std::string& value) {
  if (text.empty()) return true;
  if (text[0] == '"' || text[0] == '\'') return Unquote(text, value);
  if (text.find_first_of("\"'$`\\ \t;&|<>()") != std::string_view::npos) return false;
  value = text;
  return true;
}

// "" or what is wrong with the line.
std::string_view ReadLine(std::string_view line, OsRelease& release) {
  if (line.find('\0') != std::string_view::npos || !IsUtf8(line)) {
    return "holds bytes that are no text";
  }
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || !IsName(line.substr(0, equals))) return "not NAME=value";
  std::string value;
  if (!ReadValue(line.substr(equals + 1), value))
    return "a value that is not quoted as it should be";
  release.fields[std::string(line.substr(0, equals))] = std::move(value);
  return "";
}

}  // namespace

OsRelease ParseOsRelease(std::string_view text) {
  OsRelease release;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == '#') continue;
    const std::string_view problem =
        number > kMaxLines ? std::string_view("more than 1,000 lines") : ReadLine(line, release);
    if (problem.empty()) continue;
    release.problems.push_back("line " + std::to_string(number) + ": " + std::string(problem));
    if (number > kMaxLines || release.problems.size() >= kMaxProblems) break;
  }
  return release;
}

VersionNumbers ParseVersionNumbers(std::string_view text) {
  VersionNumbers numbers;
  for (std::optional<int64_t>* part : {&numbers.major, &numbers.minor, &numbers.patch}) {
    int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0) break;
    *part = value;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty() || text[0] != '.') break;
    text.remove_prefix(1);
  }
  return numbers;
}

}  // namespace tom
