#include "checks/parse/utmp_records.h"

#include <gtest/gtest.h>
#include <utmp.h>

#include <cstring>

namespace tom {
namespace {

// As libc itself lays it out.
std::string Record(short type, const char* user, const char* host, int32_t seconds) {
  struct utmp record {};
  record.ut_type = type;
  record.ut_pid = 4711;
  std::strncpy(record.ut_line, "pts/0", sizeof(record.ut_line));
  std::memcpy(record.ut_user, user, std::min(std::strlen(user), sizeof(record.ut_user)));
  std::memcpy(record.ut_host, host, std::min(std::strlen(host), sizeof(record.ut_host)));
  record.ut_tv.tv_sec = seconds;
  return std::string(reinterpret_cast<const char*>(&record), sizeof(record));
}

TEST(ParseUtmp, ReadsWhatLibcWrites) {
  static_assert(sizeof(struct utmp) == kUtmpRecordBytes);
  const UtmpRecords parsed = ParseUtmp(Record(BOOT_TIME, "reboot", "6.1.0", 1700000000) +
                                       Record(USER_PROCESS, "alice", "2001:db8::1", 1700000100));
  ASSERT_EQ(parsed.records.size(), 2u);
  EXPECT_TRUE(parsed.whole);
  EXPECT_EQ(parsed.records[1].type, USER_PROCESS);
  EXPECT_EQ(parsed.records[1].pid, 4711);
  EXPECT_EQ(parsed.records[1].line, "pts/0");
  EXPECT_EQ(parsed.records[1].user, "alice");
  EXPECT_EQ(parsed.records[1].host, "2001:db8::1");
  EXPECT_EQ(parsed.records[1].time, 1700000100);
}

TEST(ParseUtmp, FieldsNeedNoNulAndHoldAnyBytes) {
  const std::string name(40, 'a');
  const UtmpRecords parsed = ParseUtmp(Record(USER_PROCESS, name.c_str(), "\xff\xfe", 1));
  EXPECT_EQ(parsed.records[0].user, std::string(32, 'a'));
  EXPECT_EQ(parsed.records[0].host, "??");
}

TEST(ParseUtmp, ATornRecordIsLeftOutAndSaid) {
  const std::string record = Record(USER_PROCESS, "alice", "", 1);
  for (const size_t extra : {size_t{1}, size_t{100}, kUtmpRecordBytes - 1}) {
    const UtmpRecords parsed = ParseUtmp(record + record.substr(0, extra));
    EXPECT_EQ(parsed.records.size(), 1u) << extra;
    EXPECT_FALSE(parsed.whole) << extra;
  }
  EXPECT_TRUE(ParseUtmp("").whole);
}

TEST(UtmpTypeName, KnowsTheTypesOfLibc) {
  EXPECT_EQ(UtmpTypeName(USER_PROCESS), "user-process");
  EXPECT_EQ(UtmpTypeName(DEAD_PROCESS), "dead-process");
  EXPECT_EQ(UtmpTypeName(BOOT_TIME), "boot-time");
  EXPECT_EQ(UtmpTypeName(-1), "unknown");
  EXPECT_EQ(UtmpTypeName(99), "unknown");
}

}  // namespace
}  // namespace tom
