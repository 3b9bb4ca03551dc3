#include "checks/engine/zone_time.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<UnixSeconds> DayStart(std::string_view text, const std::string& zone, int days) {
  absl::TimeZone time_zone;
  if (!absl::LoadTimeZone(zone, &time_zone)) return BadData("unknown time zone: " + zone);
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(ToAbsl(text), &day) || day.year() < 1970) {
    return BadData("expected a date, YYYY-MM-DD, or a time in UTC, YYYY-MM-DDTHH:MM:SSZ");
  }
  return absl::ToUnixSeconds(absl::FromCivil(day + days, time_zone));
}

}  // namespace

absl::StatusOr<UnixSeconds> ParseDateStart(std::string_view text, const std::string& zone) {
  if (text.size() == 20) return ParseUtc(text);
  return DayStart(text, zone, 0);
}

absl::StatusOr<UnixSeconds> ParseDateEnd(std::string_view text, const std::string& zone) {
  if (text.size() == 20) return ParseUtc(text);
  return DayStart(text, zone, 1);
}

}  // namespace tom
