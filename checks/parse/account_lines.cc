#include "checks/parse/account_lines.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "evidence/digest.h"

namespace tom {
namespace {

constexpr size_t kMaxLine = 64 << 10;
constexpr size_t kMaxEntries = 100000;
constexpr size_t kMaxProblems = 20;
constexpr size_t kMaxMembers = 10000;
constexpr size_t kMostFields = 9;

using Fields = std::vector<std::string_view>;

// At most one more than `most`.
Fields Split(std::string_view line, char separator, size_t most) {
  Fields fields;
  fields.reserve(most + 1);
  size_t start = 0;
  while (true) {
    const size_t end = line.find(separator, start);
    fields.push_back(line.substr(start, end - start));
    if (end == std::string_view::npos || fields.size() > most) return fields;
    start = end + 1;
  }
}

template <typename Number>
bool ParseNumber(std::string_view text, int64_t& number) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  number = value;
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// strtoul as glibc uses it would take blanks and signs; an id written so is a problem, not a
// number.
bool ParseId(std::string_view text, int64_t& id) { return ParseNumber<uint32_t>(text, id); }

// Empty: there is no such limit. -1 says the same in the hand of some tools.
bool ParseDays(std::string_view text, std::optional<int64_t>& days) {
  if (text.empty() || text == "-1") return true;
  int64_t number = 0;
  if (!ParseNumber<int64_t>(text, number) || number < 0) return false;
  days = number;
  return true;
}

std::string_view Fill(const Fields& fields, PasswdEntry& entry) {
  if (fields.size() != 7) return "not seven fields";
  if (!ParseId(fields[2], entry.uid) || !ParseId(fields[3], entry.gid)) {
    return "an id that is no number";
  }
  entry.password = fields[1];
  entry.description = fields[4];
  entry.directory = fields[5];
  entry.shell = fields[6];
  return "";
}

std::string_view Fill(const Fields& fields, GroupEntry& entry) {
  if (fields.size() != 4) return "not four fields";
  if (!ParseId(fields[2], entry.gid)) return "an id that is no number";
  entry.password = fields[1];
  const Fields members = Split(fields[3], ',', kMaxMembers);
  if (members.size() > kMaxMembers) return "more than 10,000 members";
  for (std::string_view member : members) {
    const size_t first = member.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    member = member.substr(first, member.find_last_not_of(" \t\r") - first + 1);
    entry.members.emplace_back(member);
  }
  return "";
}

std::string_view Fill(const Fields& fields, ShadowRecord& entry) {
  if (fields.size() != 9) return "not nine fields";
  entry.password = fields[1];
  std::optional<int64_t>* const numbers[] = {&entry.last_change, &entry.min,      &entry.max,
                                             &entry.warning,     &entry.inactive, &entry.expire,
                                             &entry.flag};
  for (size_t i = 0; i < std::size(numbers); ++i) {
    if (!ParseDays(fields[i + 2], *numbers[i])) return "a date that is no number";
  }
  return "";
}

// "" or what is wrong with the line.
template <typename Entry>
std::string_view ParseLine(std::string_view line, Entry& entry) {
  if (line.size() > kMaxLine) return "longer than 64 KiB";
  if (line.find('\0') != std::string_view::npos || !IsUtf8(line)) {
    return "holds bytes that are no text";
  }
  if (line[0] == '+' || line[0] == '-') return "asks NIS, which is not read";
  const Fields fields = Split(line, ':', kMostFields);
  if (const std::string_view problem = Fill(fields, entry); !problem.empty()) return problem;
  if (fields[0].empty()) return "an empty name";
  entry.name = fields[0];
  return "";
}

template <typename Entry>
AccountFile<Entry> Parse(std::string_view text) {
  AccountFile<Entry> file;
  const auto add_problem = [&](size_t line, std::string_view problem) {
    if (file.problems.size() >= kMaxProblems) return;
    file.problems.push_back(
        std::string("line ").append(std::to_string(line)).append(": ").append(problem));
  };
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    // glibc passes over blanks in front: "  bob:..." is bob's entry, as getent(1) shows.
    line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f\r"), line.size()));
    if (line.empty() || line[0] == '#') continue;
    if (file.entries.size() >= kMaxEntries) {
      add_problem(number, "more than 100,000 accounts");
      break;
    }
    Entry entry;
    if (const std::string_view problem = ParseLine(line, entry); !problem.empty()) {
      add_problem(number, problem);
    } else {
      file.entries.push_back(std::move(entry));
    }
  }
  return file;
}

}  // namespace

PasswdFile ParsePasswd(std::string_view text) { return Parse<PasswdEntry>(text); }
GroupFile ParseGroup(std::string_view text) { return Parse<GroupEntry>(text); }
ShadowRecords ParseShadowRecords(std::string_view text) { return Parse<ShadowRecord>(text); }

PasswordStatus PasswordStatusOf(std::string_view field) {
  if (field.empty()) return PasswordStatus::kEmpty;
  if (field == "!!" || field == "!*") return PasswordStatus::kNotSet;
  if (field[0] == '!' || field[0] == '*') return PasswordStatus::kLocked;
  return PasswordStatus::kActive;
}

std::string_view PasswordStatusName(PasswordStatus status) {
  switch (status) {
    case PasswordStatus::kEmpty:
      return "empty";
    case PasswordStatus::kLocked:
      return "locked";
    case PasswordStatus::kNotSet:
      return "not_set";
    case PasswordStatus::kActive:
      break;
  }
  return "active";
}

std::string_view HashMethod(std::string_view field) {
  while (!field.empty() && field[0] == '!') field.remove_prefix(1);
  if (field.empty() || field[0] == '*') return "";
  if (field[0] == '_') return "bsdi";
  if (field[0] != '$') return field.size() == 13 ? "des" : "";
  const size_t end = field.find('$', 1);
  return end == std::string_view::npos ? "" : field.substr(1, end - 1);
}

}  // namespace tom
