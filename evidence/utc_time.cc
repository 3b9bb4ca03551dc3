#include "evidence/utc_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr UnixSeconds kLast = 253402300799;  // 9999-12-31T23:59:59Z

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar and back; the year starts in
// March, so that the leap day is its last (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Civil {
  int year;
  int month;
  int day;
};

Civil CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = days / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  Civil civil{};
  civil.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  civil.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  return civil;
}

bool Digits(std::string_view text, size_t from, size_t count, int* value) {
  *value = 0;
  for (size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    *value = *value * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

std::string FormatUtc(UnixSeconds seconds) {
  seconds = std::clamp<UnixSeconds>(seconds, 0, kLast);
  const Civil civil = CivilFromDays(seconds / kDay);
  const auto rest = static_cast<int>(seconds % kDay);
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", civil.year, civil.month,
                civil.day, rest / 3600, rest / 60 % 60, rest % 60);
  return text.data();
}

absl::StatusOr<UnixSeconds> ParseUtc(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const bool shaped = text.size() == 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                      text[13] == ':' && text[16] == ':' && text[19] == 'Z' &&
                      Digits(text, 0, 4, &year) && Digits(text, 5, 2, &month) &&
                      Digits(text, 8, 2, &day) && Digits(text, 11, 2, &hour) &&
                      Digits(text, 14, 2, &minute) && Digits(text, 17, 2, &second);
  if (!shaped || year < 1970 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 ||
      second > 59) {
    return BadData("a time is YYYY-MM-DDTHH:MM:SSZ, from 1970 on");
  }
  const int64_t days = DaysFromCivil(year, month, day);
  if (const Civil back = CivilFromDays(days); back.month != month || back.day != day) {
    return BadData("a date that does not exist");
  }
  return days * kDay + hour * kHour + minute * kMinute + second;
}

absl::StatusOr<int64_t> ParseDurationSeconds(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, text.data() + text.size() - end);
  int64_t factor = 0;
  if (unit == "s") factor = 1;
  if (unit == "m") factor = kMinute;
  if (unit == "h") factor = kHour;
  if (unit == "d") factor = kDay;
  if (unit == "w") factor = 7 * kDay;
  if (error != std::errc() || factor == 0 || count < 0 || count > 1000000000 / factor * 10) {
    return BadData("a duration is a number with a unit s, m, h, d or w, such as 26h");
  }
  return count * factor;
}

}  // namespace tom
