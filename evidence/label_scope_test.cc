// A label changes whose a host's rows are: from its stamp on, whatever the host goes on to sign.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr UnixSeconds kDay3 = kStart + 3 * kDay;

// A host of alpha's that is beta's from the third day on; the period is the second to the sixth.
struct Moved : Story {
  explicit Moved(const std::vector<std::string>& whose = {"beta"})
      : Story(SmallProfile(), {"alpha"}) {
    Run(kDay3);
    world.PutLabel(host.id, whose);
  }
  JudgedEvidence For(const std::string& controller) {
    Parts parts = Build();
    parts.facts.controller = controller;
    return JudgeParts(parts, world.Trust(), false);
  }
};

TEST(LabelScope, RowsCountForWhomTheNewestLabelInForceNames) {
  Moved story;
  story.RunAll();
  const JudgedEvidence alpha = story.For("alpha");
  EXPECT_EQ(Measure(alpha, "in-transit").coverage_ppm, 400000);
  EXPECT_EQ(Measure(story.For("beta"), "in-transit").coverage_ppm, 600000);
  EXPECT_EQ(Measure(story.For("gamma"), "in-transit").coverage_ppm, 0);
  EXPECT_THAT(StateOf(alpha, "rules-not-retroactive"), StartsWith("proven: 4 rules"));
  EXPECT_THAT(StateOf(alpha, "verdicts-recomputed"), StartsWith("proven"));
}

TEST(LabelScope, NoControllersMeansShared) {
  Moved story({"shared"});
  story.RunAll();
  EXPECT_EQ(Measure(story.For("alpha"), "in-transit").coverage_ppm, 1000000);
  EXPECT_EQ(Measure(story.For("beta"), "in-transit").coverage_ppm, 600000);
}

TEST(LabelScope, ALaterLabelReplacesTheOneBefore) {
  Moved story;
  story.Run(kStart + 4 * kDay);
  story.world.PutLabel(story.host.id, {"gamma"});
  story.world.PutLabel(story.host.id, {"alpha"});  // under the same stamp: the later one counts
  story.RunAll();
  EXPECT_EQ(Measure(story.For("alpha"), "in-transit").coverage_ppm, 800000);
  EXPECT_EQ(Measure(story.For("beta"), "in-transit").coverage_ppm, 200000);
  EXPECT_EQ(Measure(story.For("gamma"), "in-transit").coverage_ppm, 0);
}

TEST(LabelScope, AHostThatFollowsItsLabelChangesNoFigure) {
  Moved story;
  story.Run(kStart + 4 * kDay);
  story.host.scope = {"beta"};
  story.RunAll();
  EXPECT_EQ(Measure(story.For("alpha"), "in-transit").coverage_ppm, 400000);
  const JudgedEvidence beta = story.For("beta");
  EXPECT_EQ(Measure(beta, "in-transit").coverage_ppm, 600000);
  EXPECT_THAT(StateOf(beta, "rules-not-retroactive"),
              HasSubstr("0 rows of a scope that its host chose, 2 changes of a row's scope"));
}

TEST(LabelScope, RowsThatTheHostGaveToOthersStayTheirs) {
  Story story(SmallProfile(), {"alpha"});
  story.host.scopes["a:443"] = {"gamma"};
  story.Run(kDay3);
  story.world.PutLabel(story.host.id, {"beta"});
  story.RunAll();
  Parts parts = story.Build();
  parts.facts.controller = "gamma";
  const JudgedEvidence judged = JudgeParts(parts, story.world.Trust(), false);
  EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 1000000);
  EXPECT_THAT(StateOf(judged, "rules-not-retroactive"),
              HasSubstr("1 row of a scope that its host chose"));
}

// What failed while it was alpha's is not done with by giving it to somebody else.
TEST(LabelScope, AnOpenFindingStaysOpenForWhoseItWasAndOpensForWhoseItIs) {
  Story story(SmallProfile(), {"alpha"});
  story.Run(kStart + 2 * kDay);
  story.host.Set("tls", "a:443", Verdict::kFail);
  story.Run(kDay3);
  story.world.PutLabel(story.host.id, {"beta"});
  story.Run(kStart + 4 * kDay);
  story.host.Set("tls", "a:443", Verdict::kPass);
  story.RunAll();
  Parts parts = story.Build();
  parts.facts.controller = "alpha";
  const JudgedEvidence alpha = JudgeParts(parts, story.world.Trust(), false);
  ASSERT_EQ(Measure(alpha, "in-transit").findings.size(), 1u);
  EXPECT_EQ(Measure(alpha, "in-transit").findings[0].opened_at, kStart + 2 * kDay);
  EXPECT_EQ(Measure(alpha, "in-transit").findings[0].closed_at, kForever);
  parts.facts.controller = "beta";
  const JudgedEvidence beta = JudgeParts(parts, story.world.Trust(), false);
  ASSERT_EQ(Measure(beta, "in-transit").findings.size(), 1u);
  EXPECT_EQ(Measure(beta, "in-transit").findings[0].opened_at, kDay3);
  EXPECT_EQ(Measure(beta, "in-transit").findings[0].closed_at, kStart + 4 * kDay);
}

TEST(LabelScope, ALabelWithoutAStampOverItDoesNotAct) {
  Story story(SmallProfile(), {"alpha"});
  story.RunAll();
  Parts parts = story.Build();
  story.world.PutLabel(story.host.id, {"beta"});
  Parts with = story.Build();
  EXPECT_EQ(with.facts.numbers, parts.facts.numbers);
}

TEST(LabelScope, ALabelOfAHostThatIsNotEnrolledProvesNothing) {
  Story story;
  story.Run(kStart + kDay);
  story.world.PutLabel(std::string(32, '7'), {"beta"});
  story.RunAll();
  EXPECT_THAT(StateOf(story.Judge(story.Build()), "rules-not-retroactive"),
              HasSubstr("unproven: a label of a host that is not enrolled"));
}

TEST(LabelScope, LabelsOfOneWhoMayNotAreDisproven) {
  Moved story;
  story.world.Scope(
      Kind::kLabel,
      ToPredicate(Label{story.world.Common(&story.world.publisher), story.host.id, {"gamma"}, {}}),
      story.world.publisher);
  story.RunAll();
  EXPECT_THAT(StateOf(story.For("gamma"), "signer-roles"), StartsWith("disproven"));
}

// A host of beta's that no inventory lists is no finding of alpha's.
TEST(LabelScope, AStrangeHostConcernsItsControllersOnly) {
  Story story(SmallProfile(), {"beta"});
  story.Run(kStart + kHour);
  story.world.ListSystems({"db-1"});
  story.RunAll();
  Parts parts = story.Build();
  const auto strange = [&](const char* controller) {
    parts.facts.controller = controller;
    const JudgedEvidence judged = JudgeParts(parts, story.world.Trust(), false);
    int count = 0;
    for (const Finding& finding : Measure(judged, "scope-completeness").findings) {
      if (finding.key.check == kNotInInventory) ++count;
    }
    return count;
  };
  EXPECT_EQ(strange("beta"), 1);
  EXPECT_EQ(strange("alpha"), 0);
}

}  // namespace
}  // namespace tom::test
