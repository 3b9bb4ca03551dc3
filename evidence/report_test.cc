#include "evidence/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/row.h"

namespace tom {
namespace {

using testing::HasSubstr;

std::vector<Digest> SortedDigests(size_t count, const std::string& seed) {
  std::vector<Digest> digests;
  for (size_t i = 0; i < count; ++i) digests.push_back(Sha256(seed + std::to_string(i)));
  std::sort(digests.begin(), digests.end());
  return digests;
}

Report GoodReport() {
  Report report;
  report.groups = {{"1h", Sha256("hour")}, {"24h", Sha256("day")}, {"5m", Sha256("minutes")}};
  report.ledger = "ledger.example.org/tom";
  report.host = std::string(32, '1');
  report.chain = std::string(16, '2');
  report.seq = 7;
  report.prev = Sha256("prev");
  report.observed_at = 1750000000;
  report.duration_ms = 1234;
  report.clock_offset_ms = -12;
  report.context = Sha256("context");
  report.changed = SortedDigests(3, "changed");
  report.removed = SortedDigests(2, "removed");
  report.lost = Lost{3, 1749990000, 1749999000};
  report.anchor = Anchor{42, Sha256("root"), Sha256("token")};
  return report;
}

Json Tree(const Report& report) { return *ParseCanonical(EncodeReport(report)); }
Json::Object& Predicate(Json& tree) { return tree.AsObject()["predicate"].AsObject(); }

class RandomReports {
 public:
  Report Next() {
    Report report;
    while (report.groups.empty()) {
      for (const std::string_view interval : kIntervals) {
        if (Chance(2)) report.groups.emplace(interval, Any());
      }
    }
    report.ledger = Chance(2) ? "l" : "ledger \" \\ \n \x01 \x7f \xc3\xa5 \xf0\x9f\x8c\xb2";
    report.host = Any().Hex().substr(0, 32);
    report.chain = Any().Hex().substr(0, 16);
    report.seq = Chance(3) ? 0 : 1 + Number(Json::kMaxInteger - 1);
    if (report.seq != 0) report.prev = Any();
    if (report.seq == 0 && Chance(2)) report.continues = SortedDigests(Number(4), Any().Hex());
    report.observed_at = Number(253402300799);
    report.duration_ms = Number(Json::kMaxInteger);
    if (Chance(2)) report.clock_offset_ms = Number(2000000) - 1000000;
    report.context = Any();
    if (Chance(2)) report.changed = SortedDigests(Number(40), Any().Hex());
    if (report.changed.empty() && Chance(4)) report.changed_blob = Any();
    if (report.seq != 0 && Chance(2)) report.removed = SortedDigests(Number(40), Any().Hex());
    if (Chance(4)) report.lost = Lost{1 + Number(9999), 1000, 1000 + Number(9999999)};
    if (Chance(2)) report.anchor = Anchor{1 + static_cast<uint64_t>(Number(999999)), Any(), Any()};
    return report;
  }

 private:
  int64_t Number(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(engine_); }
  bool Chance(int one_in) { return Number(one_in - 1) == 0; }
  Digest Any() { return Sha256(std::to_string(engine_())); }

  std::mt19937_64 engine_{20260101};
};

TEST(ReportTest, RandomReportsAreReadBackAndWrittenByteForByte) {
  RandomReports random;
  for (int i = 0; i < 2000; ++i) {
    const Report report = random.Next();
    const std::string bytes = EncodeReport(report);
    const auto read = ParseReport(bytes);
    ASSERT_TRUE(read.ok()) << read.status() << "\n" << bytes;
    EXPECT_EQ(*read, report) << bytes;
    EXPECT_EQ(EncodeReport(*read), bytes);
  }
}

// One byte changed anywhere: an error, or another report that is written as just those bytes.
TEST(ReportTest, AnyByteChangedIsRefusedOrIsAnotherReport) {
  const std::string good = EncodeReport(GoodReport());
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', ' ', '"', '0', '9', 'a', 'G', ',', '}', '\xff'}) {
      std::string bytes = good;
      if (bytes[at] == byte) continue;
      bytes[at] = byte;
      const auto read = ParseReport(bytes);
      if (!read.ok()) continue;
      EXPECT_FALSE(*read == GoodReport()) << at;
      EXPECT_EQ(EncodeReport(*read), bytes) << at;
    }
  }
}

TEST(ReportTest, EveryTruncationIsRefused) {
  const std::string good = EncodeReport(GoodReport());
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ParseReport(good.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(ParseReport(good + "\n").ok());
  EXPECT_FALSE(ParseReport(good + good).ok());
}

struct Lie {
  std::string name;
  std::function<void(Json&)> spoil;
  std::string error;
};

void ExpectRefused(const std::vector<Lie>& lies) {
  for (const Lie& lie : lies) {
    Json tree = Tree(GoodReport());
    lie.spoil(tree);
    const auto read = ParseReport(Canonical(tree));
    ASSERT_FALSE(read.ok()) << lie.name;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(lie.error)) << lie.name;
  }
}

Lie With(std::string key, Json value, std::string error) {
  const std::string name = key + "=" + EncodeCanonical(value).value_or("?").substr(0, 80);
  return {name, [key, value](Json& tree) { Predicate(tree)[key] = value; }, std::move(error)};
}

Lie Without(std::string key) {
  return {"without " + key, [key](Json& tree) { Predicate(tree).erase(key); },
          "predicate." + key + ": missing"};
}

TEST(ReportTest, EveryMemberWithoutAQuestionMarkIsNeeded) {
  std::vector<Lie> lies;
  for (const char* key :
       {"ledger", "host", "chain", "seq", "prev", "observed_at", "duration_ms", "context"}) {
    lies.push_back(Without(key));
  }
  ExpectRefused(lies);
}

TEST(ReportTest, RefusesMembersOfAnotherTypeOrRange) {
  const std::string hex(64, 'a');
  ExpectRefused({
      With("pid", 1, "predicate.pid: unknown field"),
      With("ledger", "", "predicate.ledger: empty"),
      With("ledger", std::string(4097, 'l'), "predicate.ledger: a string over 4 KiB"),
      With("host", std::string(32, 'A'), "predicate.host: expected 32 lower-case"),
      With("host", std::string(31, 'a'), "predicate.host: expected 32 lower-case"),
      With("chain", std::string(32, 'a'), "predicate.chain: expected 16 lower-case"),
      With("seq", -1, "predicate.seq: out of range"),
      With("seq", "7", "predicate.seq: expected an integer"),
      With("prev", "none", "predicate.prev"),
      With("observed_at", 1750000000, "predicate.observed_at: expected a string"),
      With("observed_at", "2026-02-29T00:00:00Z", "predicate.observed_at: a date that does not"),
      With("observed_at", "2026-02-28T00:00:60Z", "predicate.observed_at: a time is"),
      With("observed_at", "2026-02-28T00:00:00.5Z", "predicate.observed_at: a time is"),
      With("observed_at", "2026-02-28T00:00:00z", "predicate.observed_at: a time is"),
      With("duration_ms", -1, "predicate.duration_ms: out of range"),
      With("clock_offset_ms", "0", "predicate.clock_offset_ms: expected an integer"),
      With("context", hex + "a", "predicate.context"),
      With("changed", hex, "predicate.changed: expected an array"),
      With("changed", Json::Array{1}, "predicate.changed: expected strings"),
      With("changed", Json::Array{"b", "a"}, "predicate.changed: not in ascending order"),
      With("changed", Json::Array{hex, hex}, "predicate.changed: not in ascending order"),
      With("removed", Json::Array{std::string(64, 'A')}, "predicate.removed"),
      With("lost", Json::Object{}, "predicate.lost.cycles: missing"),
      With("lost", "", "predicate.lost: expected an object"),
      With("anchor", Json::Object{}, "predicate.anchor.size: missing"),
      With("anchor", Json::Array{1}, "predicate.anchor: expected an object"),
  });
}

TEST(ReportTest, RefusesPartsThatContradictEachOther) {
  const std::string hex(64, 'a');
  const auto at_start = [](Json& tree) {
    Predicate(tree)["seq"] = 0;
    Predicate(tree).erase("prev");
    Predicate(tree).erase("removed");
  };
  ExpectRefused({
      {"prev at seq 0", [](Json& tree) { Predicate(tree)["seq"] = 0; }, "prev: stands at seq 0"},
      {"continues later", [&](Json& tree) { Predicate(tree)["continues"] = Json::Array{hex}; },
       "continues: stands only at seq 0"},
      {"removed at seq 0",
       [&](Json& tree) {
         at_start(tree);
         Predicate(tree)["removed"] = Json::Array{hex};
       },
       "removed: nothing stands yet"},
      {"changed and changed_blob", [&](Json& tree) { Predicate(tree)["changed_blob"] = hex; },
       "changed_blob: stands beside changed"},
      {"changed and removed",
       [](Json& tree) { Predicate(tree)["removed"] = Predicate(tree)["changed"]; },
       "removed: a head that stands in changed too"},
      {"lost ends before it starts",
       [](Json& tree) { Predicate(tree)["lost"].AsObject()["to"] = "1999-01-01T00:00:00Z"; },
       "predicate.lost.to: before from"},
      {"nothing lost", [](Json& tree) { Predicate(tree)["lost"].AsObject()["cycles"] = 0; },
       "predicate.lost.cycles: out of range"},
      {"lost with more", [](Json& tree) { Predicate(tree)["lost"].AsObject()["why"] = "disk"; },
       "predicate.lost.why: unknown field"},
      {"anchor with more", [](Json& tree) { Predicate(tree)["anchor"].AsObject()["tsa"] = "x"; },
       "predicate.anchor.tsa: unknown field"},
      {"anchor of nothing with a root",
       [](Json& tree) { Predicate(tree)["anchor"].AsObject()["size"] = 0; },
       "predicate.anchor.root: not that of an empty tree"},
  });
}

TEST(ReportTest, RefusesOtherSubjects) {
  const auto named = [](const char* name) {
    return
        [name](Json& tree) { tree.AsObject()["subject"].AsArray()[0].AsObject()["name"] = name; };
  };
  ExpectRefused({
      {"no group", [](Json& tree) { tree.AsObject().erase("subject"); }, "subject"},
      {"10m", named("group/10m"), "subject[0].name: an interval is"},
      {"no prefix", named("1h"), "subject[0].name: expected group/<interval>"},
      {"prefix alone", named("group/"), "subject[0].name: an interval is"},
      {"a file", named("group/../1h"), "subject[0].name: an interval is"},
      {"unsorted",
       [](Json& tree) {
         Json::Array& groups = tree.AsObject()["subject"].AsArray();
         std::swap(groups[0], groups[1]);
       },
       "subject[1].name: not in ascending order"},
      {"twice",
       [](Json& tree) {
         Json::Array& groups = tree.AsObject()["subject"].AsArray();
         groups[1] = groups[0];
       },
       "subject[1].name: not in ascending order"},
      {"another kind",
       [](Json& tree) {
         tree.AsObject()["predicateType"] = "https://tom-audit.example.org/predicate/approval/v1";
       },
       "predicateType: not a report"},
  });
}

TEST(ReportTest, BoundsOfHeadsAndBytes) {
  Report report = GoodReport();
  report.removed.clear();
  report.changed = SortedDigests(limits::kMaxHeadsInReport, "many");
  EXPECT_TRUE(ParseReport(EncodeReport(report)).ok());
  report.changed = SortedDigests(limits::kMaxHeadsInReport + 1, "many");
  EXPECT_THAT(std::string(ParseReport(EncodeReport(report)).status().message()),
              HasSubstr("changed: over 8,000 heads"));
  report.changed.clear();
  report.changed_blob = Sha256("blob");
  report.removed = SortedDigests(16000, "removed");
  EXPECT_THAT(std::string(ParseReport(EncodeReport(report)).status().message()),
              HasSubstr("report: over 1 MiB"));
}

TEST(ReportTest, HeartbeatHasNoChange) {
  Report report = GoodReport();
  EXPECT_FALSE(report.IsHeartbeat());
  report.changed.clear();
  report.removed.clear();
  report.lost.reset();
  EXPECT_TRUE(report.IsHeartbeat());
  report.changed_blob = Sha256("blob");
  EXPECT_FALSE(report.IsHeartbeat());
}

TEST(DigestListTest, WhatIsWrittenIsReadBack) {
  for (const size_t count : {1, 2, 9000}) {
    const std::vector<Digest> digests = SortedDigests(count, "list");
    std::vector<Digest> shuffled(digests.rbegin(), digests.rend());
    shuffled.push_back(digests.front());
    const std::string bytes = EncodeDigestList(shuffled);
    EXPECT_EQ(bytes, Canonical(DigestArray(digests))) << count;
    const auto read = ParseDigestList(bytes);
    ASSERT_TRUE(read.ok()) << count << read.status();
    EXPECT_EQ(*read, digests) << count;
  }
}

// The quick reader must agree with the strict one of canonical JSON.
TEST(DigestListTest, RefusesWhatCanonicalJsonRefuses) {
  const std::string good = EncodeDigestList(SortedDigests(3, "list"));
  EXPECT_FALSE(ParseDigestList("").ok());
  EXPECT_FALSE(ParseDigestList("[]").ok());
  EXPECT_FALSE(ParseDigestList(Canonical(Json::Array{1})).ok());
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ParseDigestList(good.substr(0, length)).ok()) << length;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', ' ', '"', '[', ']', ',', 'A', 'g'}) {
      std::string bytes = good;
      bytes[at] = byte;
      if (bytes == good) continue;
      EXPECT_FALSE(ParseDigestList(bytes).ok()) << at << byte;
    }
  }
  std::vector<Digest> backwards = SortedDigests(2, "list");
  std::swap(backwards[0], backwards[1]);
  EXPECT_FALSE(ParseDigestList(Canonical(DigestArray(backwards))).ok());
  backwards[0] = backwards[1];
  EXPECT_FALSE(ParseDigestList(Canonical(DigestArray(backwards))).ok());
}

TEST(DigestListTest, ABlobOver20MibIsRefusedUnread) {
  EXPECT_THAT(
      std::string(
          ParseDigestList(std::string(limits::kMaxHostBytesPerDay + 1, '[')).status().message()),
      HasSubstr("over 20 MiB"));
}

}  // namespace
}  // namespace tom
