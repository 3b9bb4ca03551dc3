#include "checks/parse/data_time.h"

#include <charconv>

namespace tom {
namespace {

constexpr int64_t kDay = 86400;

// Days since 1970 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date
// algorithms").
int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t LastDay(int64_t year, int64_t month) {
  constexpr int64_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Number(size_t digits, int64_t& number) {
    if (rest_.size() < digits) return false;
    number = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipDigits() {
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') rest_.remove_prefix(1);
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool ReadZone(Cursor& cursor, int64_t& offset) {
  cursor.Take(' ');
  if (cursor.done() || cursor.Take('Z')) return cursor.done();
  const bool minus = cursor.Take('-');
  if (!minus && !cursor.Take('+')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!cursor.Number(2, hours)) return false;
  cursor.Take(':');
  if (!cursor.done() && !cursor.Number(2, minutes)) return false;
  if (hours > 15 || minutes > 59 || !cursor.done()) return false;
  offset = (hours * 60 + minutes) * (minus ? -60 : 60);
  return true;
}

bool ReadClock(Cursor& cursor, int64_t& seconds) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!cursor.Number(2, hour) || !cursor.Take(':') || !cursor.Number(2, minute)) return false;
  if (cursor.Take(':')) {
    if (!cursor.Number(2, second)) return false;
    if (cursor.Take('.')) cursor.SkipDigits();
  }
  seconds = hour * 3600 + minute * 60 + second;
  return hour < 24 && minute < 60 && second <= 60;
}

std::optional<UnixSeconds> ReadDate(std::string_view text) {
  Cursor cursor(text);
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!cursor.Number(4, year) || !cursor.Take('-') || !cursor.Number(2, month) ||
      !cursor.Take('-') || !cursor.Number(2, day)) {
    return std::nullopt;
  }
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > LastDay(year, month)) {
    return std::nullopt;
  }
  int64_t clock = 0;
  int64_t offset = 0;
  if (!cursor.done()) {
    if (!cursor.Take('T') && !cursor.Take('t') && !cursor.Take(' ')) return std::nullopt;
    if (!ReadClock(cursor, clock) || !ReadZone(cursor, offset)) return std::nullopt;
  }
  return DaysOf(year, month, day) * kDay + clock - offset;
}

std::optional<UnixSeconds> ReadCount(std::string_view text) {
  constexpr int64_t kFirst = 100000000;  // 1973-03-03
  constexpr int64_t kThousand = 1000;
  const size_t point = text.find('.');
  if (point != std::string_view::npos) {
    if (text.find_first_not_of("0123456789", point + 1) != std::string_view::npos)
      return std::nullopt;
    text = text.substr(0, point);
  }
  int64_t count = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), count);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || count < kFirst) {
    return std::nullopt;
  }
  // Seconds have up to eleven digits, each finer unit three more.
  while (count >= kFirst * kThousand) count /= kThousand;
  return count;
}

}  // namespace

std::optional<UnixSeconds> ParseDataTime(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.size() > 4 && text[4] == '-') return ReadDate(text);
  return ReadCount(text);
}

}  // namespace tom
