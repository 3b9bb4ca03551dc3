#include "evidence/utc_time.h"

#include <gtest/gtest.h>

#include <ctime>

namespace tom {
namespace {

TEST(UtcTime, KnownTimes) {
  const struct {
    UnixSeconds seconds;
    const char* text;
  } kCases[] = {{0, "1970-01-01T00:00:00Z"},          {951782400, "2000-02-29T00:00:00Z"},
                {1709251199, "2024-02-29T23:59:59Z"}, {4107542400, "2100-03-01T00:00:00Z"},
                {2147483648, "2038-01-19T03:14:08Z"}, {253402300799, "9999-12-31T23:59:59Z"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatUtc(c.seconds), c.text);
    ASSERT_TRUE(ParseUtc(c.text).ok()) << c.text;
    EXPECT_EQ(*ParseUtc(c.text), c.seconds) << c.text;
  }
}

// The C library's calendar is the oracle, on days around every month's end of 400 years.
TEST(UtcTime, AgreesWithGmtime) {
  for (UnixSeconds day = 0; day < 400 * 366; ++day) {
    const UnixSeconds at = day * kDay + day % kDay;
    const auto clock = static_cast<time_t>(at);
    std::tm parts{};
    gmtime_r(&clock, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    ASSERT_EQ(FormatUtc(at), text);
    ASSERT_EQ(ParseUtc(text).value_or(-1), at) << text;
  }
}

TEST(UtcTime, ClampsWhatCannotBeWritten) {
  EXPECT_EQ(FormatUtc(-1), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(INT64_MAX), "9999-12-31T23:59:59Z");
  EXPECT_EQ(FormatUtc(INT64_MIN), "1970-01-01T00:00:00Z");
}

TEST(UtcTime, RefusesEveryOtherSpelling) {
  for (const char* bad : {"",
                          "2026-01-01",
                          "2026-01-01T00:00:00",
                          "2026-01-01T00:00:00z",
                          "2026-01-01t00:00:00Z",
                          "2026-01-01 00:00:00Z",
                          "2026-01-01T00:00:00+00:00",
                          "2026-01-01T00:00:00.0Z",
                          "2026-1-01T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2026-13-01T00:00:00Z",
                          "2026-01-00T00:00:00Z",
                          "2026-01-32T00:00:00Z",
                          "2026-02-29T00:00:00Z",
                          "2100-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-01-01T24:00:00Z",
                          "2026-01-01T00:60:00Z",
                          "2026-06-30T23:59:60Z",
                          "1969-12-31T23:59:59Z",
                          "0000-01-01T00:00:00Z",
                          "+026-01-01T00:00:00Z",
                          " 026-01-01T00:00:00Z",
                          "2026-01-01T00:00:00Z ",
                          "2026-01-01T-1:00:00Z",
                          "20260101T000000Z"}) {
    EXPECT_FALSE(ParseUtc(bad).ok()) << bad;
  }
}

TEST(Duration, UnitsAndRefusals) {
  const struct {
    const char* text;
    int64_t seconds;
  } kCases[] = {{"0s", 0},      {"90s", 90},      {"5m", 300},
                {"26h", 93600}, {"31d", 2678400}, {"2w", 1209600}};
  for (const auto& c : kCases) {
    ASSERT_TRUE(ParseDurationSeconds(c.text).ok()) << c.text;
    EXPECT_EQ(*ParseDurationSeconds(c.text), c.seconds) << c.text;
  }
  for (const char* bad : {"", "5", "h", "-5h", "+5h", "5H", "5 h", " 5h", "5h ", "1.5h", "5hh",
                          "1y", "99999999999w", "99999999999999999999s", "5month"}) {
    EXPECT_FALSE(ParseDurationSeconds(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tom
