// Histories, honest and not, told from end to end: what hosts and operators do, and what a pack
// then says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A host may sign what it likes: what replay refuses is told.
struct HostLie {
  const char* name;
  std::function<void(Report&, const World&)> bend;
  const char* reason;
};

TEST(PackStory, LiesThatAHostSignsAreFound) {
  const std::vector<HostLie> lies = {
      {"state", [](Report& r, const World&) { r.groups["1h"] = Sha256("x"); },
       "state changed without"},
      {"anchor goes backwards", [](Report& r, const World&) { r.anchor->size = 1; },
       "smaller than the predecessor's"},
      {"anchor left out", [](Report& r, const World&) { r.anchor.reset(); }, "left out"},
      {"anchor of another tree", [](Report& r, const World&) { r.anchor->root = Sha256("split"); },
       "another tree"},
      {"seq jumps", [](Report& r, const World&) { ++r.seq; }, "seq: does not follow"},
      {"group that the context does not name",
       [](Report& r, const World&) { r.groups["5m"] = Digest(); }, "no group/5m"},
      {"removal of what never stood", [](Report& r, const World&) { r.removed = {Sha256("x")}; },
       "not in the state"},
  };
  for (const HostLie& lie : lies) {
    Story story;
    story.Run(kStart + 2 * kDay);
    story.host.bend = [&](Report& report) { lie.bend(report, story.world); };
    story.Run(kStart + 2 * kDay + kHour);
    story.host.bend = nullptr;
    story.RunAll();
    const JudgedEvidence judged = story.Judge(story.Build());
    EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("disproven: ")) << lie.name;
    EXPECT_THAT(StateOf(judged, "host-chains"), HasSubstr(lie.reason)) << lie.name;
  }
}

struct FailStory {
  const char* name;
  UnixSeconds fails_at;
  std::optional<UnixSeconds> passes_at;
  const char* status;
};

TEST(PackStory, FailuresCountByWhenTheyClose) {
  const UnixSeconds day2 = kStart + 2 * kDay;
  const std::vector<FailStory> stories = {
      {"closed in time", day2, day2 + kDay, "satisfied_with_exceptions"},
      {"closed at the last moment", day2, day2 + 2 * kDay, "satisfied_with_exceptions"},
      {"closed an hour late", day2, day2 + 2 * kDay + kHour, "not_satisfied"},
      {"open at the end", kStart + 5 * kDay, {}, "not_satisfied"},
      {"before the period", kStart + 2 * kHour, kStart + 5 * kHour, "satisfied"},
      {"after the period", kStart + 6 * kDay + kHour, {}, "satisfied"},
  };
  for (const FailStory& told : stories) {
    Story story;
    story.Run(told.fails_at);
    story.host.Set("tls", "a:443", Verdict::kFail);
    if (told.passes_at) {
      story.Run(*told.passes_at);
      story.host.Set("tls", "a:443", Verdict::kPass);
    }
    story.RunAll();
    const JudgedEvidence judged = story.Judge(story.Build());
    EXPECT_EQ(Status(judged, "in-transit"), told.status) << told.name;
    EXPECT_EQ(Status(judged, "at-rest"), "satisfied") << told.name;
    EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), StartsWith("proven")) << told.name;
  }
}

TEST(PackStory, UnknownIsNotCoverage) {
  Story story;
  story.Run(kStart + 2 * kDay);
  story.host.Set("tls", "a:443", Verdict::kUnknown);
  story.Run(kStart + 3 * kDay);
  story.host.Set("tls", "a:443", Verdict::kPass);
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 800000);
  EXPECT_EQ(Status(judged, "in-transit"), "not_assessed");
}

// Two hours vouched for after the last look; the 24 h group for two days.
TEST(PackStory, SilenceIsNotCoverage) {
  Story story;
  story.Run(kStart + 2 * kDay);
  for (; story.world.now < kStart + 3 * kDay; story.world.now += 8 * kHour) story.world.StampNow();
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  const MeasureResult& tls = Measure(judged, "in-transit");
  ASSERT_EQ(tls.units.size(), 1u);
  EXPECT_EQ(tls.units[0].demanded_seconds, 5 * kDay);
  EXPECT_EQ(tls.units[0].covered_seconds, 5 * kDay - 23 * kHour);
  EXPECT_EQ(Measure(judged, "at-rest").coverage_ppm, 1000000);
}

TEST(PackStory, ClockThatRunsAheadOrBehindCoversNothing) {
  for (const int64_t jump : {-20 * kHour, 20 * kHour}) {
    Story story;
    story.Run(kStart + 3 * kDay);
    for (int i = 0; i < 6; ++i, story.world.now += kHour) {
      story.host.Look({"1h"}, story.world.now + jump);
    }
    story.RunAll();
    const JudgedEvidence judged = story.Judge(story.Build());
    EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven")) << jump;
    const MeasureResult& tls = Measure(judged, "in-transit");
    ASSERT_EQ(tls.units.size(), 1u) << jump;
    EXPECT_LT(tls.units[0].covered_seconds, 5 * kDay - 3 * kHour) << jump;
    EXPECT_THAT(StateOf(judged, "time-bracketed"), StartsWith("disclosed")) << jump;
  }
}

TEST(PackStory, InAForkTheWorstVerdictCountsUntilAChainContinuesBoth) {
  Story story;
  story.Run(kStart + 2 * kDay);
  Host twin = story.host;
  twin.forked_ = true;
  twin.runs.clear();
  twin.Set("tls", "a:443", Verdict::kFail);
  story.world.Run(kStart + 3 * kDay, {&story.host, &twin});
  story.host.NewChain({story.host.tip(), twin.tip()});
  story.RunAll();
  const Parts parts = story.world.Build(story.from, story.to, {&story.host, &twin});
  const JudgedEvidence judged = story.Judge(parts);
  EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven: 2 chains"));
  const MeasureResult& tls = Measure(judged, "in-transit");
  ASSERT_EQ(tls.findings.size(), 1u);
  EXPECT_EQ(tls.findings[0].opened_at, kStart + 2 * kDay);
  EXPECT_EQ(tls.findings[0].closed_at, kStart + 3 * kDay);
  EXPECT_EQ(Status(judged, "in-transit"), "satisfied_with_exceptions");
}

TEST(PackStory, ABranchThatFallsSilentIsSilence) {
  Story story;
  story.Run(kStart + 2 * kDay);
  Host twin = story.host;
  twin.forked_ = true;
  twin.runs.clear();
  story.world.Run(kStart + 2 * kDay + kHour, {&story.host, &twin});
  story.RunAll();
  const Parts parts = story.world.Build(story.from, story.to, {&story.host, &twin});
  const JudgedEvidence judged = story.Judge(parts);
  const MeasureResult& tls = Measure(judged, "in-transit");
  ASSERT_EQ(tls.units.size(), 1u);
  EXPECT_EQ(tls.units[0].covered_seconds, kDay + 2 * kHour);
}

TEST(PackStory, ContinuedChainThatIsNotShownDisproves) {
  Story story;
  story.Run(kStart + 2 * kDay);
  story.host.NewChain({story.host.tip(), Sha256("a branch that nobody shows")});
  story.RunAll();
  EXPECT_THAT(StateOf(story.Judge(story.Build()), "host-chains"), HasSubstr("which is not shown"));
}

TEST(PackStory, EqualHeadsKeepTheirIntervalAcrossChains) {
  Story story;
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.Run(kStart + 3 * kDay);
  story.host.NewChain();
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven: 2 chains"));
  const MeasureResult& tls = Measure(judged, "in-transit");
  ASSERT_EQ(tls.findings.size(), 1u);
  EXPECT_EQ(tls.findings[0].opened_at, kStart);
  EXPECT_EQ(tls.coverage_ppm, 1000000);
}

TEST(PackStory, HandOverKeepsChainAndCoverage) {
  Story story;
  story.Run(kStart + 2 * kDay);
  story.host.HandOver();
  story.RunAll();
  Parts parts = story.Build();
  std::vector<BundleStatement>& statements = parts.bundles[0].chains[0].statements;
  const JudgedEvidence without = story.Judge(parts);
  EXPECT_THAT(StateOf(without, "key-continuity"), HasSubstr("carries no signature"));
  statements[47].signature = story.host.runs[0].entries[47].logged.signature;
  parts.facts.numbers = Json();
  const JudgedEvidence judged = JudgeParts(parts, story.world.Trust(), false);
  EXPECT_THAT(StateOf(judged, "key-continuity"), StartsWith("proven: 1 enrolment, 1 hand-over"));
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 1000000);
}

// The thief goes on from the old key's last report, or from the one before.
TEST(PackStory, KeyAfterItsHandOverIsRefused) {
  for (const bool from_last : {true, false}) {
    Story story;
    story.Run(kStart + 2 * kDay - (from_last ? 0 : kHour));
    Host thief = story.host;  // keeps the old key
    thief.forked_ = true;
    thief.runs.clear();
    story.Run(kStart + 2 * kDay);
    story.host.HandOver();
    story.world.Run(kStart + 3 * kDay, {&story.host, &thief});
    story.host.NewChain({story.host.tip(), thief.tip()});
    story.RunAll();
    Parts parts = story.world.Build(story.from, story.to, {&story.host, &thief});
    parts.bundles[0].chains[0].statements[47].signature =
        story.host.runs[0].entries[47].logged.signature;
    const JudgedEvidence judged = story.Judge(parts);
    EXPECT_THAT(StateOf(judged, from_last ? "statement-signatures" : "key-continuity"),
                StartsWith("disproven"));
  }
}

TEST(PackStory, RulesActForwardOnly) {
  Story story;
  story.Run(kStart + 3 * kDay);
  story.world.PutProfile(SmallProfile("TLSv1.3"));
  story.world.StampNow();
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  const MeasureResult& tls = Measure(judged, "in-transit");
  ASSERT_EQ(tls.units.size(), 2u) << "one for each promised value";
  int64_t covered = 0;
  for (const UnitCoverage& unit : tls.units) covered += unit.covered_seconds;
  EXPECT_EQ(covered, 2 * kDay) << "TLSv1.2 no longer answers the promise from then on";
  EXPECT_EQ(Measure(judged, "at-rest").coverage_ppm, 1000000);
  EXPECT_EQ(Status(judged, "in-transit"), "not_assessed");
}

TEST(PackStory, AHostThatFollowsAChangedProfileStaysCovered) {
  Story story;
  story.Run(kStart + 3 * kDay);
  story.world.PutProfile(SmallProfile("TLSv1.3"));
  story.host.SetContext(SmallCatalogue(), story.published, SmallProfile("TLSv1.3"));
  story.world.StampNow();
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 1000000);
  EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven"));
}

TEST(PackStory, ProfileThatComesLateLeavesTheTimeBeforeUncovered) {
  World world;
  Host host(world, kHostId, "web-1");
  world.ListSystems({"web-1"});
  const Digest published = world.Publish(SmallCatalogue());
  world.Enrol(host, world.Authorise("web-*"));
  host.SetContext(SmallCatalogue(), published, SmallProfile());
  host.Set("tls", "a:443", Verdict::kPass);
  host.Set("disk", "/dev/vda", Verdict::kPass);
  world.Run(kStart + 4 * kDay, {&host});
  world.PutProfile(SmallProfile());
  world.Run(kStart + 7 * kDay + 1, {&host});
  const Parts parts = world.Build(kStart + kDay, kStart + 6 * kDay, {&host});
  const JudgedEvidence judged = JudgeParts(parts, world.Trust());
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 400000);
}

TEST(PackStory, SystemThatIsNotEnrolledIsAFindingAndAGap) {
  Story story;
  story.world.ListSystems({"db-1", "web-1"});
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 500000);
  EXPECT_EQ(Status(judged, "in-transit"), "not_assessed");
  const MeasureResult& scope = Measure(judged, "scope-completeness");
  ASSERT_EQ(scope.findings.size(), 1u);
  EXPECT_EQ(scope.findings[0].key.check, kNotEnrolled);
  EXPECT_EQ(scope.findings[0].system, "db-1");
  EXPECT_EQ(MeasureStatusName(scope.status), "not_satisfied");
}

TEST(PackStory, HostWhoseSystemIsNotInTheInventoryIsAFinding) {
  Story story;
  story.world.ListSystems({"db-1"});
  Host other(story.world, std::string(32, 'd'), "db-1");
  story.world.Enrol(other, story.world.Authorise("db-1", 1));
  other.SetContext(SmallCatalogue(), story.published, SmallProfile());
  other.Set("tls", "a:443", Verdict::kPass);
  other.Set("disk", "/dev/vda", Verdict::kPass);
  story.world.Run(kStart + 7 * kDay + 1, {&story.host, &other});
  const Parts parts = story.world.Build(story.from, story.to, {&story.host, &other});
  const JudgedEvidence judged = story.Judge(parts);
  const MeasureResult& scope = Measure(judged, "scope-completeness");
  ASSERT_EQ(scope.findings.size(), 1u);
  EXPECT_EQ(scope.findings[0].key.check, kNotInInventory);
  EXPECT_EQ(scope.findings[0].host, kHostId);
}

struct BadToken {
  const char* name;
  const char* systems;
  int64_t uses;
  UnixSeconds expires;
  const char* reason;
};

TEST(PackStory, EnrolmentsWithoutAGoodTokenAreRefused) {
  const std::vector<BadToken> tokens = {
      {"expired", "db-*", 5, kStart - 1, "had expired"},
      {"for another system", "web-*", 5, kStart + kDay, "not for system db-1"},
      {"used up", "db-*", 0, kStart + kDay, "used up"},
  };
  for (const BadToken& token : tokens) {
    Story story;
    Host other(story.world, std::string(32, 'd'), "db-1");
    // A token has at least one use: what is `used up` is used first.
    const bool spent = token.uses == 0;
    const Digest authorisation =
        story.world.Authorise(token.systems, spent ? 1 : token.uses, token.expires);
    Host first(story.world, std::string(32, 'e'), "db-1");
    if (spent) story.world.Enrol(first, authorisation);
    story.world.Enrol(other, authorisation);
    story.RunAll();
    EXPECT_THAT(StateOf(story.Judge(story.Build()), "signer-roles"), HasSubstr(token.reason))
        << token.name;
  }
}

TEST(PackStory, ScopeStatementByTheWrongRoleIsRefused) {
  Story story;
  Inventory value;
  value.common = story.world.Common(&story.world.publisher);
  value.source = "test";
  value.drawn_at = kStart;
  value.drawn_by = "publisher";
  story.world.Scope(Kind::kInventory, ToPredicate(value), story.world.publisher);
  story.RunAll();
  EXPECT_THAT(StateOf(story.Judge(story.Build()), "signer-roles"), StartsWith("disproven"));
}

TEST(PackStory, RemovalAfterGoneClosesAFindingAndDroppingItDoesNot) {
  for (const bool gone : {true, false}) {
    Story story;
    story.host.Set("tls", "b:443", Verdict::kPass);
    story.Run(kStart + 2 * kDay);
    story.host.Set("tls", "b:443", Verdict::kFail);
    story.Run(kStart + 3 * kDay);
    if (gone) {
      story.host.Set("tls", "b:443", Verdict::kUnknown);
      story.Run(kStart + 3 * kDay + kHour);
    }
    story.host.Remove("tls", "b:443");
    story.RunAll();
    const JudgedEvidence judged = story.Judge(story.Build());
    const MeasureResult& tls = Measure(judged, "in-transit");
    ASSERT_EQ(tls.findings.size(), 1u);
    EXPECT_EQ(tls.findings[0].removed, gone);
    EXPECT_EQ(tls.findings[0].closed_at, gone ? kStart + 3 * kDay + kHour : kForever);
  }
}

}  // namespace
}  // namespace tom::test
