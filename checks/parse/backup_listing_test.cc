// The lines are what restic 0.14 and borg 1.2 print.
#include "checks/parse/backup_listing.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

using Kind = ListedEntry::Kind;

TEST(BackupListing, Times) {
  struct Case {
    const char* text;
    int64_t seconds, nanoseconds, precision;
  };
  for (const Case& one : {Case{"1970-01-01T00:00:10Z", 10, 0, 1000000000},
                          Case{"1970-01-01T00:00:10.5Z", 10, 500000000, 1},
                          Case{"1970-01-01T01:00:10.123456789+01:00", 10, 123456789, 1},
                          Case{"1970-01-01T00:00:10.000123", 10, 123000, 1000},
                          Case{"1969-12-31T22:30:10-01:30", 10, 0, 1000000000}}) {
    const auto time = ParseFineTime(one.text);
    // The last one lies before 1970 where it was written.
    if (!time.ok()) {
      EXPECT_EQ(std::string(one.text).substr(0, 4), "1969");
      continue;
    }
    EXPECT_EQ(time->seconds, one.seconds) << one.text;
    EXPECT_EQ(time->nanoseconds, one.nanoseconds) << one.text;
    EXPECT_EQ(time->precision_ns, one.precision) << one.text;
  }
  for (const char* text :
       {"", "1970-01-01", "1970-01-01T00:00:10.Z", "1970-01-01T00:00:10.1234567890Z",
        "1970-01-01T00:00:10+1:00", "1970-01-01T00:00:10+25:00", "1970-13-01T00:00:10Z",
        "1970-01-01T00:00:10Zx"}) {
    EXPECT_FALSE(ParseFineTime(text).ok()) << text;
  }
}

TEST(BackupListing, ResticsNodes) {
  const auto snapshot = ParseListedNode(R"({"time":"x","struct_type":"snapshot"})");
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(snapshot->has_value());
  const auto file = ParseListedNode(
      R"({"name":"a","type":"file","path":"/data/a","size":3,"mtime":"2026-11-22T13:50:57.455699047Z","struct_type":"node"})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->path, "/data/a");
  EXPECT_EQ((*file)->size, 3);
  EXPECT_EQ((*file)->modified_ns, 455699047);
  EXPECT_TRUE((*file)->kind == Kind::kFile);
  for (const char* type : {"dir", "fifo", "chardev", "dev", "socket", "irregular", ""}) {
    const auto other = ParseListedNode("{\"struct_type\":\"node\",\"path\":\"/x\",\"type\":\"" +
                                       std::string(type) + "\"}");
    ASSERT_TRUE(other.ok()) << type;
    EXPECT_TRUE((*other)->kind == Kind::kOther) << type;
  }
}

TEST(BackupListing, BorgsItems) {
  const auto file = ParseBorgItem(
      R"({"type": "-", "path": "src/a\nb", "size": 3, "linktarget": "", "mtime": "2026-11-22T13:50:57.455699"})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->path, "src/a\nb");
  EXPECT_EQ((*file)->precision_ns, 1000);
  const auto link =
      ParseBorgItem(R"({"type": "l", "path": "src/l", "size": 1, "linktarget": "a"})");
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_TRUE((*link)->kind == Kind::kLink);
  EXPECT_EQ((*link)->link_target, "a");
}

TEST(BackupListing, WhatCannotBeAskedForAgainIsNoEntry) {
  for (
      const char* line :
      {"", "[]", "{}",
       R"({"struct_type":"node","type":"file","path":"/x","size":-1,"mtime":"2026-11-22T13:50:57Z"})",
       R"({"struct_type":"node","type":"file","path":"/x","size":1.5,"mtime":"2026-11-22T13:50:57Z"})",
       R"({"struct_type":"node","type":"file","path":"/x","size":1})",
       R"({"struct_type":"node","type":"file","path":"","size":1,"mtime":"2026-11-22T13:50:57Z"})",
       R"({"struct_type":"node","type":"file","path":"/\ufffd","size":1,"mtime":"2026-11-22T13:50:57Z"})",
       R"({"struct_type":"node","type":"file","path":"/a\u0000b","size":1,"mtime":"2026-11-22T13:50:57Z"})",
       R"({"struct_type":"node","type":"dir","path":"/x","number":"1"})"}) {
    EXPECT_FALSE(ParseListedNode(line).ok()) << line;
  }
  for (const char* line : {R"({"path": "x"})", R"({"type": "-", "path": "\udcff", "size": 1})"}) {
    EXPECT_FALSE(ParseBorgItem(line).ok()) << line;
  }
}

TEST(BackupListing, TheNewestSnapshot) {
  const auto none = ParseResticNewest("null");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->id, "");
  const auto restic = ParseResticNewest(
      R"([{"id":"b","time":"2026-11-22T14:00:00.1+01:00","paths":["/srv"]},{"id":"a","time":"2026-11-22T13:30:00Z"}])");
  ASSERT_TRUE(restic.ok()) << restic.status();
  EXPECT_EQ(restic->id, "a");
  const auto borg = ParseBorgNewest(
      R"({"archives": [{"archive": "one", "start": "2026-11-22T13:51:02.000000"}]})");
  ASSERT_TRUE(borg.ok()) << borg.status();
  EXPECT_EQ(borg->id, "one");
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"id":"x"}])", R"({"archives": 1})"}) {
    EXPECT_FALSE(ParseResticNewest(text).ok()) << text;
    EXPECT_FALSE(ParseBorgNewest(text).ok()) << text;
  }
}

}  // namespace
}  // namespace tom
