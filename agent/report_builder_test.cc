#include "agent/report_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agent/testing_host.h"
#include "evidence/limits.h"

namespace tom {
namespace {

constexpr UnixSeconds kStart = 1'700'000'000;

// Signs nothing: applies each built report as the spool would.
class ReportBuilderTest : public testing::Test {
 protected:
  ReportBuilderTest() : host_(MakeHostView()), source_(MakeSource()) {}

  absl::StatusOr<BuiltReport> Build(const Look& look, bool fresh = false) {
    auto context = BuildContext(host_, source_, look.observed_at);
    EXPECT_TRUE(context.ok()) << context.status();
    ReportBasis basis{"log.example.org", std::string(32, 'a'), nullptr, {}, {}, {}, since_bound_};
    if (state_) basis.previous = &*state_;
    if (!state_ || fresh) {
      basis.fresh = NewChain{HexEncode(RandomBytes(8)), {}};
      if (state_) basis.fresh->continues = {state_->tip};
    }
    return BuildReport(host_, *context, look, basis);
  }

  Report Next(const Look& look, bool fresh = false) {
    auto built = Build(look, fresh);
    EXPECT_TRUE(built.ok()) << built.status();
    if (!built.ok()) return {};
    const absl::Status applied = ApplyStatement(EncodeReport(built->report), built->blobs, state_);
    EXPECT_TRUE(applied.ok()) << applied;
    blobs_ = built->blobs;
    return built->report;
  }

  Look Both(UnixSeconds at, std::vector<RowResult> often) {
    return MakeLook(at, {MakeOutcome("often", std::move(often)),
                         MakeOutcome("rarely", {MakeRow("host", Verdict::kPass, "fine")})});
  }
  Look Often(UnixSeconds at, std::vector<RowResult> rows) {
    return MakeLook(at, {MakeOutcome("often", std::move(rows))});
  }
  const SignedRow* Find(const std::string& subject) {
    for (const auto& [key, row] : state_->rows) {
      if (key.check == "often" && row.subject == subject) return &row;
    }
    return nullptr;
  }

  HostView host_;
  ContextSource source_;
  std::optional<ChainState> state_;
  std::optional<UnixSeconds> since_bound_;
  std::vector<std::string> blobs_;
};

TEST_F(ReportBuilderTest, FirstReportListsEverything) {
  const Report report = Next(Both(kStart, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_EQ(report.seq, 0u);
  EXPECT_FALSE(report.prev);
  EXPECT_EQ(report.changed.size(), 2u);
  EXPECT_EQ(report.groups.size(), 2u);
}

TEST_F(ReportBuilderTest, FirstReportOfOneGroupIsRefused) {
  const auto built = Build(Often(kStart, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_EQ(built.status().code(), absl::StatusCode::kFailedPrecondition) << built.status();
}

TEST_F(ReportBuilderTest, NothingChangedIsAHeartbeatWithTheSameState) {
  const Report first = Next(Both(kStart, {MakeRow("a", Verdict::kPass, "ok")}));
  const Report second = Next(Often(kStart + 300, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_TRUE(second.IsHeartbeat());
  EXPECT_EQ(second.groups.size(), 1u);
  EXPECT_EQ(second.groups.at("5m"), first.groups.at("5m"));
  EXPECT_TRUE(blobs_.empty());
}

TEST_F(ReportBuilderTest, SinceIsKeptWhileTheVerdictIs) {
  Next(Both(kStart, {MakeRow("a", Verdict::kFail, "bad")}));
  const Report other_reason = Next(Often(kStart + 300, {MakeRow("a", Verdict::kFail, "worse")}));
  EXPECT_EQ(other_reason.changed.size(), 1u);
  EXPECT_EQ(other_reason.removed.size(), 1u);
  EXPECT_EQ(Find("a")->head.since, kStart);
  Next(Often(kStart + 600, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_EQ(Find("a")->head.since, kStart + 600);
}

TEST_F(ReportBuilderTest, SinceSurvivesANewChain) {
  Next(Both(kStart, {MakeRow("a", Verdict::kFail, "bad")}));
  const Report fresh = Next(Both(kStart + 300, {MakeRow("a", Verdict::kFail, "bad")}), true);
  EXPECT_EQ(fresh.seq, 0u);
  EXPECT_EQ(fresh.continues.size(), 1u);
  EXPECT_EQ(fresh.changed.size(), 2u);
  EXPECT_EQ(Find("a")->head.since, kStart);
}

TEST_F(ReportBuilderTest, SinceOfARefusedStatementBeginsAnew) {
  Next(Both(kStart, {MakeRow("a", Verdict::kFail, "bad")}));
  since_bound_ = kStart - 1;
  Next(Both(kStart + 300, {MakeRow("a", Verdict::kFail, "bad")}), true);
  EXPECT_EQ(Find("a")->head.since, kStart + 300);
}

TEST_F(ReportBuilderTest, AVanishedSubjectIsGoneForOneLookThenRemoved) {
  Next(Both(kStart, {MakeRow("a", Verdict::kPass, "ok"), MakeRow("b", Verdict::kFail, "bad")}));
  Next(Often(kStart + 300, {MakeRow("a", Verdict::kPass, "ok")}));
  ASSERT_NE(Find("b"), nullptr);
  EXPECT_TRUE(Find("b")->gone);
  EXPECT_EQ(Find("b")->head.verdict, Verdict::kUnknown);
  const Report third = Next(Often(kStart + 600, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_EQ(Find("b"), nullptr);
  EXPECT_EQ(third.removed.size(), 1u);
  EXPECT_TRUE(third.changed.empty());
}

TEST_F(ReportBuilderTest, WhatAnIncompleteLookDidNotSeeIsUnknownAndStays) {
  Next(Both(kStart, {MakeRow("a", Verdict::kPass, "ok"), MakeRow("b", Verdict::kFail, "bad")}));
  const RowResult unread = MakeRow("host", Verdict::kUnknown, "unread: /srv");
  for (int look = 1; look <= 3; ++look) {
    Next(Often(kStart + look * 300, {MakeRow("a", Verdict::kPass, "ok"), unread}));
    ASSERT_NE(Find("b"), nullptr) << look;
    EXPECT_EQ(Find("b")->head.verdict, Verdict::kUnknown) << look;
    EXPECT_FALSE(Find("b")->gone) << look;
  }
}

TEST_F(ReportBuilderTest, ANewContextLooksAtEveryGroupAndDropsWhatItDoesNotName) {
  Next(Both(kStart, {MakeRow("a", Verdict::kPass, "ok")}));
  source_.plan = {MakePlanned("often", "5m"), MakePlanned("other", "1h")};
  const auto partial = Build(Often(kStart + 300, {MakeRow("a", Verdict::kPass, "ok")}));
  EXPECT_EQ(partial.status().code(), absl::StatusCode::kFailedPrecondition);
  const Report report =
      Next(MakeLook(kStart + 300, {MakeOutcome("often", {MakeRow("a", Verdict::kPass, "ok")}),
                                   MakeOutcome("other", {MakeRow("x", Verdict::kPass, "ok")})}));
  EXPECT_EQ(report.changed.size(), 1u);
  EXPECT_EQ(report.removed.size(), 1u);
  EXPECT_EQ(state_->rows.size(), 2u);
}

TEST_F(ReportBuilderTest, OutcomesThatAreNotThePlansAreRefused) {
  const std::vector<Look> looks = {
      MakeLook(kStart, {}),
      MakeLook(kStart, {MakeOutcome("unplanned", {MakeRow("a", Verdict::kPass, "ok")})}),
      Both(kStart, {}),
      Both(kStart, {MakeRow("a", Verdict::kPass, "ok"), MakeRow("a", Verdict::kFail, "bad")}),
  };
  for (size_t i = 0; i < looks.size(); ++i) {
    EXPECT_EQ(Build(looks[i]).status().code(), absl::StatusCode::kInvalidArgument) << i;
  }
}

TEST_F(ReportBuilderTest, ARowThatFitsNoRecordSaysSoAndKeepsItsSubject) {
  RowResult wild = MakeRow(std::string("nul\0inside", 10), Verdict::kPass, "ok");
  wild.reason = std::string("\xff\xfe", 2);
  RowResult huge = MakeRow("huge", Verdict::kPass, std::string(limits::kMaxStringBytes + 1, 'x'));
  Next(Both(kStart, {wild, huge}));
  ASSERT_NE(Find("huge"), nullptr);
  EXPECT_EQ(Find("huge")->head.verdict, Verdict::kUnknown);
  ASSERT_NE(Find(wild.subject), nullptr);
  EXPECT_EQ(Find(wild.subject)->head.verdict, Verdict::kUnknown);
  const Report again = Next(Often(kStart + 300, {wild, huge}));
  EXPECT_TRUE(again.IsHeartbeat());
}

TEST_F(ReportBuilderTest, ManyChangesTravelAsAList) {
  source_.plan.clear();
  Look look = MakeLook(kStart, {});
  for (int check = 0; check < 9; ++check) {
    const std::string id = "c" + std::to_string(check);
    source_.plan.push_back(MakePlanned(id, "5m"));
    std::vector<RowResult> rows;
    rows.reserve(900);
    for (int i = 0; i < 900; ++i) rows.push_back(MakeRow(std::to_string(i), Verdict::kPass, "ok"));
    look.outcomes.push_back(MakeOutcome(id, std::move(rows)));
  }
  const Report report = Next(look);
  EXPECT_TRUE(report.changed.empty());
  ASSERT_TRUE(report.changed_blob);
  EXPECT_EQ(state_->rows.size(), 8100u);
}

TEST_F(ReportBuilderTest, AnExclusionMarksItsRowUntilItExpires) {
  host_.exclusions = {{"often", "a", "accepted", "ops", kStart + 100}};
  Next(Both(kStart, {MakeRow("a", Verdict::kFail, "bad")}));
  ASSERT_TRUE(Find("a")->head.excluded);
  const Digest entry = *Find("a")->head.excluded;
  EXPECT_TRUE(std::any_of(blobs_.begin(), blobs_.end(),
                          [&](const std::string& blob) { return Sha256(blob) == entry; }));
  Next(Both(kStart + 300, {MakeRow("a", Verdict::kFail, "bad")}));
  EXPECT_FALSE(Find("a")->head.excluded);
  EXPECT_EQ(Find("a")->head.since, kStart);
}

TEST_F(ReportBuilderTest, TheNarrowestScopeCounts) {
  host_.controllers = {"c1", "c2"};
  host_.scopes = {{"/srv", true, {"c3"}}, {"/srv/a", true, {"c4"}}, {"/srvx", false, {}}};
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"/srv", {"c3"}},    {"/srv/b", {"c3"}},      {"/srv/a/deep", {"c4"}},
      {"/srv/ab", {"c3"}}, {"/srvx", {"c1", "c2"}}, {"other", {"c1", "c2"}}};
  for (const auto& [subject, scope] : cases) EXPECT_EQ(ScopeOf(host_, subject), scope) << subject;
  EXPECT_EQ(ScopeOf(MakeHostView(), "x"), std::vector<std::string>{"shared"});
}

TEST_F(ReportBuilderTest, StateSurvivesItsEncoding) {
  Next(Both(kStart, {MakeRow(std::string("\xff", 1), Verdict::kPass, "ok")}));
  Next(Often(kStart + 300, {MakeRow("b", Verdict::kPass, "ok")}));
  const auto read = ChainStateFromJson(ChainStateToJson(*state_));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Canonical(ChainStateToJson(*read)), Canonical(ChainStateToJson(*state_)));
  EXPECT_EQ(read->StateOf("5m"), state_->StateOf("5m"));
}

}  // namespace
}  // namespace tom
