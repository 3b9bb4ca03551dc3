#include "checks/parse/data_time.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(DataTime, WhatIsUnderstood) {
  const struct {
    const char* text;
    UnixSeconds seconds;
  } cases[] = {{"2024-03-01", 1709251200},
               {"2024-03-01 12:00", 1709294400},
               {"2024-03-01T12:00:00Z", 1709294400},
               {"2024-03-01 12:00:00.123456", 1709294400},
               {"2024-03-01 12:00:00+00", 1709294400},
               {"2024-03-01T14:00:00+02:00", 1709294400},
               {"2024-03-01T06:30:00-0530", 1709294400},
               {"2024-02-29", 1709164800},
               {"1709294400", 1709294400},
               {"1709294400.5", 1709294400},
               {"1709294400123", 1709294400},
               {"1709294400123456", 1709294400},
               {"1709294400123456789", 1709294400}};
  for (const auto& one : cases) EXPECT_EQ(ParseDataTime(one.text), one.seconds) << one.text;
}

TEST(DataTime, WhatIsNot) {
  for (const char* text : {"", "0", "2024", "20240301", "2460371.5", "01/03/2024", "1.3.2024",
                           "2023-02-29", "2024-13-01", "2024-00-10", "0000-00-00 00:00:00",
                           "2024-03-01x", "2024-03-01 25:00", "2024-03-01 12:00 CET", "-1709294400",
                           "1e9", "yesterday", "2024-03-01 12:00:00+99", "99999999999999999999"}) {
    EXPECT_EQ(ParseDataTime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tom
