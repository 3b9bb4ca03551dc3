#include "checks/parse/debsecan_data.h"

#include <algorithm>

#include "checks/parse/deb_version.h"
#include "checks/parse/plain_number.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxLine = 1 << 20;
constexpr size_t kMaxBugs = 1000000;
constexpr size_t kMaxKept = 32 << 20;
constexpr size_t kMaxName = 128;  // of a bug

// Up to the next comma, which is taken too; false where there is none.
bool TakeField(std::string_view& line, std::string_view& field) {
  const size_t comma = line.find(',');
  if (comma == std::string_view::npos) return false;
  field = line.substr(0, comma);
  line.remove_prefix(comma + 1);
  return true;
}

std::vector<std::string> Versions(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

std::optional<std::string> Urgency(char flag) {
  switch (flag) {
    case ' ':
      return "";
    case 'L':
      return "low";
    case 'M':
      return "medium";
    case 'H':
      return "high";
    default:
      return std::nullopt;
  }
}

bool IsOther(const std::vector<std::string>& others, std::string_view version) {
  return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
    return CompareDebVersions(version, other) == 0;
  });
}

}  // namespace

bool IsVulnerable(const DebsecanVulnerability& one, const DebsecanPackage& package) {
  const auto before = [&](std::string_view version) {
    return one.unstable.empty() || CompareDebVersions(version, one.unstable) < 0;
  };
  if (one.binary && package.name == one.package) return before(package.version);
  if (package.source != one.package) return false;
  return before(package.source_version) && !IsOther(one.others, package.source_version);
}

absl::Status DebsecanReader::Take(std::string_view piece) {
  while (true) {
    const size_t end = piece.find('\n');
    if (end == std::string_view::npos) break;
    if (rest_.empty()) {
      TOM_RETURN_IF_ERROR(Line(piece.substr(0, end)));
    } else {
      rest_.append(piece.substr(0, end));
      const std::string line = std::move(rest_);
      rest_.clear();
      TOM_RETURN_IF_ERROR(Line(line));
    }
    piece.remove_prefix(end + 1);
  }
  rest_.append(piece);
  if (rest_.size() > kMaxLine) return absl::ResourceExhaustedError("a line longer than is read");
  return absl::OkStatus();
}

absl::StatusOr<DebsecanData> DebsecanReader::Finish() {
  if (!rest_.empty()) {
    const std::string line = std::move(rest_);
    TOM_RETURN_IF_ERROR(Line(line));
  }
  if (line_ == 0) return BadData("no data at all");
  if (section_ < 2) return BadData("breaks off before its last section");
  data_.ended = section_ > 3;
  return std::move(data_);
}

absl::Status DebsecanReader::Line(std::string_view line) {
  ++line_;
  if (line.size() > kMaxLine) return absl::ResourceExhaustedError("a line longer than is read");
  if (section_ == 0) {
    if (line != "VERSION 1") return BadData("line 1: not VERSION 1");
    section_ = 1;
    return absl::OkStatus();
  }
  if (line.empty()) {
    if (section_ < 4) ++section_;
    return absl::OkStatus();
  }
  if (section_ == 1) return Bug(line);
  if (section_ == 2) {
    Entry(line);
  } else if (section_ == 3) {
    Source(line);
  }
  if (kept_ > kMaxKept) return absl::ResourceExhaustedError("more than is kept");
  return absl::OkStatus();
}

void DebsecanReader::Bad() {
  if (data_.bad_lines++ == 0) data_.first_bad = line_;
}

// Kept as a line even where it is no good: the others are known by their position.
absl::Status DebsecanReader::Bug(std::string_view line) {
  if (++data_.bugs > kMaxBugs) return absl::ResourceExhaustedError("more bugs than are read");
  std::string_view name;
  std::string_view flags;
  if (!TakeField(line, name) || !TakeField(line, flags) || name.empty() || name.size() > kMaxName) {
    Bad();
    name = {};
  }
  names_.append(name);
  name_ends_.push_back(static_cast<uint32_t>(names_.size()));
  return absl::OkStatus();
}

void DebsecanReader::Entry(std::string_view line) {
  ++data_.entries;
  std::string_view package;
  std::string_view number;
  std::string_view flags;
  std::string_view unstable;
  if (!TakeField(line, package) || !TakeField(line, number) || !TakeField(line, flags) ||
      !TakeField(line, unstable) || flags.size() < 4 || package.empty()) {
    return Bad();
  }
  const auto index = PlainNumber(number, 9);
  const auto urgency = Urgency(flags[1]);
  const bool remote_known = flags[2] == 'R' || flags[2] == ' ';
  if (!index || static_cast<size_t>(*index) >= name_ends_.size() || !urgency ||
      (!remote_known && flags[2] != '?')) {
    return Bad();
  }
  if (!wanted_(package)) return;
  const auto at = static_cast<size_t>(*index);
  const size_t start = at == 0 ? 0 : name_ends_[at - 1];
  DebsecanVulnerability one;
  one.bug = names_.substr(start, name_ends_[at] - start);
  if (one.bug.empty()) return Bad();
  one.package = package;
  one.binary = flags[0] == 'B';
  one.urgency = *urgency;
  if (remote_known) one.remote = flags[2] == 'R';
  one.fix_available = flags[3] == 'F';
  one.unstable = unstable;
  one.others = Versions(line);
  kept_ += sizeof(one) + 2 * line.size() + one.others.size() * sizeof(std::string);
  data_.vulnerabilities[one.package].push_back(std::move(one));
}

void DebsecanReader::Source(std::string_view line) {
  ++data_.sources;
  std::string_view source;
  if (!TakeField(line, source) || source.empty() || line.find(',') != std::string_view::npos) {
    return Bad();
  }
  if (!wanted_(source)) return;
  kept_ += 200 + 5 * line.size();
  data_.binaries[std::string(source)] = Versions(line);
}

}  // namespace tom
