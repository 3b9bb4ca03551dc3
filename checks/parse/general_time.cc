#include "checks/parse/general_time.h"

#include <algorithm>
#include <string>

#include "evidence/status_text.h"

namespace tom {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t Number(std::string_view digits) {
  int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

// "Z", "+0100", "-01"; seconds east of UTC. Nothing where it is none of them.
std::optional<int64_t> Offset(std::string_view zone) {
  if (zone == "Z") return 0;
  if (zone.size() != 3 && zone.size() != 5) return {};
  if ((zone[0] != '+' && zone[0] != '-') || !AllDigits(zone.substr(1))) return {};
  const int64_t minutes = zone.size() == 5 ? Number(zone.substr(3)) : 0;
  const int64_t hours = Number(zone.substr(1, 2));
  if (hours > 14 || minutes > 59) return {};
  return (zone[0] == '-' ? -1 : 1) * (hours * kHour + minutes * kMinute);
}

}  // namespace

std::optional<GeneralTime> ParseGeneralTime(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits != 10 && digits != 12 && digits != 14) return {};
  std::string parts(text.substr(0, digits));
  text.remove_prefix(digits);
  int64_t rest = 0;  // of the fraction, seconds
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
    const size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end < 2) return {};
    const int64_t unit = digits == 10 ? kHour : digits == 12 ? kMinute : 0;
    rest = unit * (text[1] - '0') / 10;
    text.remove_prefix(end);
  }
  parts.append(14 - parts.size(), '0');
  std::string utc = parts.substr(0, 4);
  utc.append("-").append(parts, 4, 2).append("-").append(parts, 6, 2).append("T");
  utc.append(parts, 8, 2).append(":").append(parts, 10, 2).append(":").append(parts, 12, 2);
  const auto seconds = ParseUtc(utc.append("Z"));
  if (!seconds.ok()) return {};
  if (text.empty()) return GeneralTime{*seconds + rest, false};
  const auto offset = Offset(text);
  if (!offset) return {};
  return GeneralTime{*seconds + rest - *offset, true};
}

}  // namespace tom
