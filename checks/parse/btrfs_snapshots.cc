#include "checks/parse/btrfs_snapshots.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxSnapshots = 20000;

// "2026-11-22 14:15:58 +0100".
absl::StatusOr<UnixSeconds> ParseZonedTime(std::string_view text) {
  if (text.size() != 25 || text[10] != ' ' || text[19] != ' ') {
    return BadData("a subvolume without a time");
  }
  std::string plain(text.substr(0, 19));
  plain[10] = 'T';
  TOM_ASSIGN_OR_RETURN(const UnixSeconds local, ParseUtc(plain + "Z"));
  int64_t digits = 0;
  for (const char c : text.substr(21)) {
    if (c < '0' || c > '9') return BadData("a subvolume's time has no zone");
    digits = digits * 10 + (c - '0');
  }
  if ((text[20] != '+' && text[20] != '-') || digits > 1400 || digits % 100 > 59) {
    return BadData("a subvolume's time has no zone");
  }
  const int64_t offset = (digits / 100 * 60 + digits % 100) * 60;
  return text[20] == '+' ? local - offset : local + offset;
}

struct Reading {
  BtrfsSnapshot one;
  bool begun = false;
  bool timed = false;
  bool derived = false;
};

absl::Status End(Reading& reading, std::vector<BtrfsSnapshot>& list) {
  if (reading.begun && !reading.timed) return BadData("a subvolume without a time");
  if (list.size() >= kMaxSnapshots) return absl::ResourceExhaustedError("too many snapshots");
  if (reading.begun && reading.derived) list.push_back(reading.one);
  reading = Reading();
  return absl::OkStatus();
}

absl::Status TakeField(std::string_view name, std::string_view value, Reading& reading) {
  if (name == "Creation time") {
    TOM_ASSIGN_OR_RETURN(reading.one.created, ParseZonedTime(value));
    reading.timed = true;
  } else if (name == "Parent UUID") {
    reading.derived = reading.derived || value != "-";
  } else if (name == "Received UUID") {
    reading.one.received = value != "-";
    reading.derived = reading.derived || value != "-";
  } else if (name == "Flags") {
    reading.one.read_only = value.find("readonly") != std::string_view::npos;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<BtrfsSnapshot>> ParseBtrfsSnapshots(std::string_view text) {
  std::vector<BtrfsSnapshot> list;
  Reading reading;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (line[0] != '\t') {
      TOM_RETURN_IF_ERROR(End(reading, list));
      reading.begun = true;
      reading.one.path = std::string(line);
      continue;
    }
    line.remove_prefix(1);
    const size_t colon = line.find(':');
    if (!reading.begun || (colon == std::string_view::npos && !line.starts_with('\t'))) {
      return BadData("no output of btrfs subvolume show");
    }
    if (line.starts_with('\t')) continue;  // names of its own snapshots
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    TOM_RETURN_IF_ERROR(TakeField(line.substr(0, colon), value, reading));
  }
  TOM_RETURN_IF_ERROR(End(reading, list));
  return list;
}

}  // namespace tom
