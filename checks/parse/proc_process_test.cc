#include "checks/parse/proc_process.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

constexpr char kRest[] =
    " S 1 42 42 0 -1 4194560 1000 2000 0 0 150 70 0 0 20 -5 3 0 12345 8192000 400 "
    "18446744073709551615 1 1 0 0 0 0 0\n";

TEST(ParseProcStat, ReadsTheKernelsLine) {
  const auto stat = ParseProcStat(std::string("42 (nginx)") + kRest);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->name, "nginx");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 1);
  EXPECT_EQ(stat->group, 42);
  EXPECT_EQ(stat->user_ticks, 150);
  EXPECT_EQ(stat->system_ticks, 70);
  EXPECT_EQ(stat->nice, -5);
  EXPECT_EQ(stat->threads, 3);
  EXPECT_EQ(stat->start_ticks, 12345);
  EXPECT_EQ(stat->virtual_bytes, 8192000);
  EXPECT_EQ(stat->resident_pages, 400);
}

TEST(ParseProcStat, ANameMayLookLikeTheRest) {
  for (const char* name : {"a) S 1 (b", "", " ", "((", "))", "x\ny"}) {
    const auto stat = ParseProcStat("42 (" + std::string(name) + ")" + kRest);
    ASSERT_TRUE(stat.has_value()) << name;
    EXPECT_EQ(stat->name, name);
    EXPECT_EQ(stat->parent, 1) << name;
  }
}

TEST(ParseProcStat, AnotherFormIsNothing) {
  for (const char* text :
       {"", "42", "42 (x", "42 x)", "42 (x) ", "42 (x) SS 1", "42 (x) S 1 2 3", ") S ("}) {
    EXPECT_FALSE(ParseProcStat(text).has_value()) << text;
  }
}

TEST(ParseProcStatus, WantsAllIds) {
  const auto status =
      ParseProcStatus("Name:\tx\nUmask:\t0022\nUid:\t0\t33\t34\t33\nGid:\t1\t2\t3\t4\n");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->uid.real, 0);
  EXPECT_EQ(status->uid.effective, 33);
  EXPECT_EQ(status->uid.saved, 34);
  EXPECT_EQ(status->gid.saved, 3);
  for (const char* text :
       {"", "Uid:\t0\t0\t0\t0\n", "Uid:\t0\nGid:\t0\t0\t0\n", "Uid:\tx\t0\t0\nGid:\t0\t0\t0\n"}) {
    EXPECT_FALSE(ParseProcStatus(text).has_value()) << text;
  }
}

TEST(ProcNumber, StandsAtALinesStart) {
  EXPECT_EQ(ProcNumber("cpu 1 2\nbtime 1700000000\n", "btime"), 1700000000);
  EXPECT_EQ(ProcNumber("rchar: 1\nread_bytes: 4096", "read_bytes"), 4096);
  EXPECT_EQ(ProcNumber("xbtime 5\n", "btime"), std::nullopt);
  EXPECT_EQ(ProcNumber("btime x\n", "btime"), std::nullopt);
}

}  // namespace
}  // namespace tom
