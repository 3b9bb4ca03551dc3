#include "agent/scheduler.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(ScheduleTest, AGroupIsDueAfterItsIntervalAndASplayOfATenth) {
  for (const double share : {0.0, 0.5, 0.999}) {
    Schedule schedule(1, [share] { return share; });
    schedule.Looked("5m", 1000);
    const Millis due = 1000 + static_cast<Millis>(300'000 * (1 + 0.1 * share));
    EXPECT_TRUE(schedule.Due(due - 1).empty()) << share;
    EXPECT_EQ(schedule.Due(due), std::set<std::string>{"5m"}) << share;
  }
}

TEST(ScheduleTest, ALookLongAgoIsDueAtOnceAndAFutureOneNotForever) {
  Schedule schedule(1, [] { return 0.0; });
  schedule.Looked("1h", 0, 7'200'000);
  EXPECT_EQ(schedule.Due(0).size(), 1u);
  schedule.Looked("1h", 0, -99'000'000);
  EXPECT_EQ(schedule.Due(3'960'000).size(), 1u);
}

TEST(ScheduleTest, ScaleShortensIntervals) {
  Schedule schedule(100, [] { return 0.0; });
  schedule.Looked("5m", 0);
  EXPECT_EQ(schedule.UntilNext(0), 3000);
  schedule.DueNow(10);
  EXPECT_EQ(schedule.UntilNext(10), 0);
}

TEST(ScheduleTest, WhatIsNoIntervalIsNeverDue) {
  Schedule schedule(1, [] { return 0.0; });
  schedule.Looked("2m", 0);
  EXPECT_TRUE(schedule.Due(1'000'000'000).empty());
  EXPECT_EQ(schedule.UntilNext(0), 60'000);
}

TEST(BackoffTest, GrowsToItsBoundAndStartsAnew) {
  Backoff backoff(1, [] { return 1.0; });
  EXPECT_EQ(backoff.Next(), 5'000);
  EXPECT_EQ(backoff.Next(), 10'000);
  for (int i = 0; i < 40; ++i) EXPECT_LE(backoff.Next(), 900'000) << i;
  EXPECT_EQ(backoff.Next(), 900'000);
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), 5'000);
}

}  // namespace
}  // namespace tom
