// Selectors of syslog.conf(5) as rsyslogd reads them (DecodePRIFilter of rsyslog's
// runtime/conf.c).
#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "checks/parse/rsyslog_config.h"

namespace tom {
namespace {

struct Priority {
  bool all = false;
  bool none = false;
  bool single = false;   // =
  bool inverse = false;  // !
  int level = 0;
};

std::optional<int> LevelOf(std::string_view name) {
  static constexpr std::pair<std::string_view, int> kLevels[] = {
      {"emerg", 0}, {"panic", 0},   {"alert", 1},  {"crit", 2}, {"err", 3},  {"error", 3},
      {"warn", 4},  {"warning", 4}, {"notice", 5}, {"info", 6}, {"debug", 7}};
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  int number = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = end.ec == std::errc() && end.ptr == name.data() + name.size();
  return whole && number >= 0 && number < 8 ? std::optional<int>(number) : std::nullopt;
}

std::optional<Priority> ReadPriority(std::string_view text) {
  Priority priority;
  if (text.starts_with('!')) {
    priority.inverse = true;
    text.remove_prefix(1);
  }
  if (text.starts_with('=')) {
    priority.single = true;
    text.remove_prefix(1);
  }
  if (text == "*") {
    priority.all = true;
    return priority;
  }
  if (text == "none") {  // the opposite of which is all
    priority.none = !priority.inverse;
    priority.all = priority.inverse;
    priority.inverse = false;
    return priority;
  }
  const auto level = LevelOf(text);
  if (!level) return std::nullopt;
  priority.level = *level;
  return priority;
}

// rsyslogd's own names for 12 to 15.
std::optional<size_t> FacilityOf(std::string_view name) {
  if (name == "console") return 14;
  const auto facility = SyslogFacility(name);
  if (facility && *facility > 12 && *facility < 16) return std::nullopt;
  return facility;
}

void Apply(const Priority& priority, uint8_t& mask) {
  const auto upto = static_cast<uint8_t>((2u << static_cast<unsigned>(priority.level)) - 1);
  const auto only = static_cast<uint8_t>(1u << static_cast<unsigned>(priority.level));
  if (priority.none) {
    mask = 0;
  } else if (priority.all) {
    mask = priority.inverse ? 0 : 0xff;
  } else {
    const uint8_t bits = priority.single ? only : upto;
    mask =
        priority.inverse ? static_cast<uint8_t>(mask & ~bits) : static_cast<uint8_t>(mask | bits);
  }
}

bool ApplyTo(std::string_view facilities, const Priority& priority, SyslogMask& mask) {
  while (!facilities.empty()) {
    const size_t end = std::min(facilities.find(','), facilities.size());
    const std::string_view name = facilities.substr(0, end);
    facilities.remove_prefix(std::min(end + 1, facilities.size()));
    if (name == "*") {
      for (uint8_t& one : mask) Apply(priority, one);
      continue;
    }
    if (name == "mark") continue;  // rsyslogd's own
    const auto facility = FacilityOf(name);
    if (!facility) return false;
    Apply(priority, mask[*facility]);
  }
  return true;
}

}  // namespace

bool ReadSyslogSelector(std::string_view text, SyslogMask& mask) {
  mask = {};
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view rest = lower;
  while (!rest.empty()) {
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view behind = rest.substr(dot + 1);
    const std::string_view name = behind.substr(0, behind.find_first_of(",;"));
    const auto priority = ReadPriority(name);
    if (!priority || !ApplyTo(rest.substr(0, dot), *priority, mask)) return false;
    // A comma is as good as a semicolon behind a priority.
    rest = behind.substr(name.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(",;"), rest.size()));
  }
  return true;
}

}  // namespace tom
