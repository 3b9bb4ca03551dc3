#include "checks/parse/account_lines.h"

#include <charconv>

#include "evidence/digest.h"

namespace tom {
namespace {

constexpr size_t kMaxLine = 64 << 10;
constexpr size_t kMaxEntries = 100000;
constexpr size_t kMaxProblems = 20;
constexpr size_t kPasswdFields = 7;

std::vector<std::string_view> Split(std::string_view line) {
  std::vector<std::string_view> fields;
  size_t start = 0;
  while (true) {
    const size_t colon = line.find(':', start);
    fields.push_back(line.substr(start, colon - start));
    if (colon == std::string_view::npos || fields.size() > kPasswdFields) return fields;
    start = colon + 1;
  }
}

// strtoul as glibc uses it would take blanks and signs; an id written so is a problem, not a
// number.
bool ParseId(std::string_view text, int64_t& id) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  id = value;
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// "" or what is wrong with the line.
std::string_view ParseLine(std::string_view line, PasswdEntry& entry) {
  if (line.size() > kMaxLine) return "longer than 64 KiB";
  if (line.find('\0') != std::string_view::npos || !IsUtf8(line))
    return "holds bytes that are no text";
  if (line[0] == '+' || line[0] == '-') return "asks NIS, which is not read";
  const std::vector<std::string_view> fields = Split(line);
  if (fields.size() != kPasswdFields) return "not seven fields";
  if (fields[0].empty()) return "an empty name";
  if (!ParseId(fields[2], entry.uid) || !ParseId(fields[3], entry.gid))
    return "an id that is no number";
  entry.name = fields[0];
  entry.password = fields[1];
  entry.description = fields[4];
  entry.directory = fields[5];
  entry.shell = fields[6];
  return "";
}

}  // namespace

PasswdFile ParsePasswd(std::string_view text) {
  PasswdFile file;
  const auto add_problem = [&](size_t line, std::string_view problem) {
    if (file.problems.size() >= kMaxProblems) return;
    file.problems.push_back("line " + std::to_string(line) + ": " + std::string(problem));
  };
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || line[0] == '#') continue;
    if (file.entries.size() >= kMaxEntries) {
      add_problem(number, "more than 100,000 accounts");
      break;
    }
    PasswdEntry entry;
    if (const std::string_view problem = ParseLine(line, entry); !problem.empty()) {
      add_problem(number, problem);
    } else {
      file.entries.push_back(std::move(entry));
    }
  }
  return file;
}

}  // namespace tom
