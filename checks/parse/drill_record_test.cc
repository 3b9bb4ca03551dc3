#include "checks/parse/drill_record.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

DrillRecord Sound() {
  DrillRecord record;
  record.backup = "vault";
  record.kind = "restic";
  record.source = DrillSource("restic", "/srv/restic", "");
  record.began_at = 1000;
  record.ended_at = 1010;
  record.snapshot = "ab12";
  record.snapshot_time = 900;
  record.result = DrillResult::kSound;
  record.held = 9;
  record.chosen = record.restored = 3;
  record.equal = 2;
  record.changed = 1;
  record.bytes = 100;
  record.paths = {{"/srv/a", 1, 1}, {"/srv/b", 2, 1}};
  return record;
}

TEST(DrillRecord, IsReadAsItWasWritten) {
  const std::string bytes = EncodeDrillRecord(Sound());
  const auto record = ParseDrillRecord(bytes);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(EncodeDrillRecord(*record), bytes);
  EXPECT_EQ(record->paths[1].path, "/srv/b");
}

TEST(DrillRecord, TheResultFollowsFromTheCounts) {
  struct Case {
    int64_t restored, equal, different, verified, bytes;
    DrillResult result;
  };
  for (const Case& one :
       {Case{3, 3, 0, 0, 9, DrillResult::kSound}, Case{3, 0, 0, 3, 9, DrillResult::kSound},
        Case{3, 0, 0, 0, 9, DrillResult::kNotCompared},
        Case{3, 3, 0, 3, 0, DrillResult::kNotCompared},
        Case{2, 2, 0, 2, 9, DrillResult::kNotRestored},
        Case{3, 2, 1, 3, 9, DrillResult::kDifferent},
        Case{2, 1, 1, 0, 9, DrillResult::kDifferent}}) {
    DrillRecord record;
    record.chosen = 3;
    record.restored = one.restored;
    record.equal = one.equal;
    record.different = one.different;
    record.verified = one.verified;
    record.bytes = one.bytes;
    EXPECT_EQ(ResultOf(record), one.result) << one.restored << " " << one.equal;
  }
}

TEST(DrillRecord, WhatDoesNotFitIsRefused) {
  struct Case {
    const char* what;
    void (*spoil)(DrillRecord&);
  };
  const Case cases[] = {
      {"fewer restored", [](DrillRecord& r) { r.restored = 2; }},
      {"more chosen than held", [](DrillRecord& r) { r.held = 2; }},
      {"more compared than restored", [](DrillRecord& r) { r.unreadable = 1; }},
      {"one different", [](DrillRecord& r) { r.different = 1, r.changed = 0; }},
      {"none equal", [](DrillRecord& r) { r.equal = 0; }},
      {"nothing in the files", [](DrillRecord& r) { r.bytes = 0; }},
      {"an error", [](DrillRecord& r) { r.error = "x"; }},
      {"no snapshot", [](DrillRecord& r) { r.snapshot.clear(); }},
      {"ended before it began", [](DrillRecord& r) { r.ended_at = 999; }},
      {"nothing chosen", [](DrillRecord& r) { r.chosen = r.restored = r.equal = r.changed = 0; }},
      {"no error", [](DrillRecord& r) { r.result = DrillResult::kNotDone; }},
      {"not compared, though it was",
       [](DrillRecord& r) { r.result = DrillResult::kNotCompared, r.error = "x"; }},
      {"paths unsorted", [](DrillRecord& r) { std::swap(r.paths[0], r.paths[1]); }},
      {"a path twice", [](DrillRecord& r) { r.paths[1].path = r.paths[0].path; }},
      {"more equal in a path", [](DrillRecord& r) { r.paths[0].equal = 2; }},
      {"more links equal", [](DrillRecord& r) { r.links_equal = 1; }},
      {"no source", [](DrillRecord& r) { r.source = "here"; }},
      {"no name", [](DrillRecord& r) { r.backup.clear(); }},
      {"negative", [](DrillRecord& r) { r.verified = -1; }},
  };
  for (const Case& one : cases) {
    DrillRecord record = Sound();
    one.spoil(record);
    EXPECT_FALSE(ParseDrillRecord(EncodeDrillRecord(record)).ok()) << one.what;
  }
}

TEST(DrillRecord, OtherBytesAreRefused) {
  const std::string bytes = EncodeDrillRecord(Sound());
  std::string unknown = bytes;
  unknown.insert(1, "\"a\":1,");
  std::string other = bytes;
  other.replace(other.find("sound"), 5, "great");
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("\"x\""), unknown, other, bytes + " ",
        bytes.substr(0, bytes.size() - 1), std::string(kMaxDrillRecordBytes + 1, ' ')}) {
    EXPECT_FALSE(ParseDrillRecord(text).ok()) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace tom
