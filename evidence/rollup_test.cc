#include "evidence/rollup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/report_numbers.h"
#include "evidence/test_world.h"

namespace tom::test {
namespace {

// One system, one host, 1,000 hours; "tls" passes, both groups are looked at and anchored all the
// time.
constexpr int64_t kHours = 1000;

RollupInput Good() {
  RollupInput input;
  input.period = {kStart, kStart + kHours * kHour};
  input.profile = "small-dpa";
  input.outside_anchor = true;
  input.profiles = {{kStart - kDay, SmallProfile()}};
  input.catalogues = {{kStart - kDay, SmallCatalogue()}};
  Inventory inventory;
  inventory.drawn_at = kStart + 20 * kDay;
  inventory.systems = {{"web-1", "host", {"shared"}, kStart - kDay, std::nullopt, Digest()}};
  input.inventories = {{kStart - kDay, inventory}};
  HostEvidence host;
  host.host = kHostId;
  host.system = "web-1";
  host.kind = "host";
  host.enrolled_at = kStart - kDay;
  for (const char* interval : {"1h", "24h"}) {
    host.presence.push_back({interval, kStart - kDay, kForever, true});
  }
  for (const auto& [id, check] : SmallCatalogue().checks) {
    ParamsPiece piece;
    piece.check = id;
    piece.values = ProfileValues(check, SmallProfile());
    piece.params = ParamsDigest(piece.values);
    piece.profiles = {"small-dpa"};
    host.params[ParamsKey(id, piece.params)] = piece;
    VerdictInterval row;
    row.key = {id, piece.params, std::string(32, '5')};
    row.from = kStart - kDay;
    row.to = kForever;
    row.verdict = Verdict::kPass;
    row.scope = {"shared"};
    row.check_digest = check.digest;
    host.verdicts.push_back(row);
  }
  input.hosts = {host};
  return input;
}

VerdictInterval& TlsRow(RollupInput& input) {
  for (VerdictInterval& row : input.hosts[0].verdicts) {
    if (row.key.check == "tls") return row;
  }
  return input.hosts[0].verdicts[0];
}

const MeasureResult& Of(const Rollup& rollup, std::string_view id) {
  static const auto& none = *new MeasureResult();
  for (const MeasureResult& measure : rollup.measures) {
    if (measure.measure == id) return measure;
  }
  return none;
}

std::string TlsStatus(const RollupInput& input) {
  return std::string(MeasureStatusName(Of(RollUp(input), "in-transit").status));
}

// `hours` from the start without presence of the hourly group.
void Uncover(RollupInput& input, int64_t hours) {
  for (PresenceInterval& look : input.hosts[0].presence) {
    if (look.interval == "1h") look.from = kStart + hours * kHour;
  }
}

TEST(RollUp, ThresholdsHoldExactly) {
  struct Case {
    int64_t seconds;
    const char* status;
  };
  const std::vector<Case> cases = {
      {0, "satisfied"},
      {20 * kHour, "satisfied"},  // 0.98
      {20 * kHour + 1, "satisfied_with_exceptions"},
      {100 * kHour, "satisfied_with_exceptions"},  // 0.90
      {100 * kHour + 1, "not_assessed"},
      {1000 * kHour, "not_assessed"},
  };
  for (const Case& c : cases) {
    RollupInput input = Good();
    for (PresenceInterval& look : input.hosts[0].presence) look.from = kStart + c.seconds;
    EXPECT_EQ(TlsStatus(input), c.status) << c.seconds;
  }
}

TEST(RollUp, CoverageIsTheMeanOverUnits) {
  RollupInput input = Good();
  Uncover(input, 100);
  auto& systems = input.inventories[0].value.systems;
  systems.push_back(systems[0]);
  systems[1].id = "web-2";
  HostEvidence second = input.hosts[0];
  second.system = "web-2";
  second.host = std::string(32, '2');
  second.presence = Good().hosts[0].presence;
  input.hosts.push_back(second);
  EXPECT_EQ(Of(RollUp(input), "in-transit").coverage_ppm, 950000);
}

TEST(RollUp, NothingIsAssessedWithoutWhatItNeeds) {
  struct Case {
    const char* name;
    std::function<void(RollupInput&)> bend;
  };
  const std::vector<Case> cases = {
      {"no inventory", [](RollupInput& i) { i.inventories.clear(); }},
      {"empty inventory", [](RollupInput& i) { i.inventories[0].value.systems.clear(); }},
      {"no catalogue", [](RollupInput& i) { i.catalogues.clear(); }},
      {"no host", [](RollupInput& i) { i.hosts.clear(); }},
      {"a host of another kind", [](RollupInput& i) { i.hosts[0].kind = "connector"; }},
      {"a system of another kind",
       [](RollupInput& i) { i.inventories[0].value.systems[0].kind = "connector"; }},
      {"not anchored",
       [](RollupInput& i) {
         for (auto& look : i.hosts[0].presence) look.anchored = false;
       }},
      {"no pass", [](RollupInput& i) { TlsRow(i).verdict = Verdict::kNotApplicable; }},
      {"unknown", [](RollupInput& i) { TlsRow(i).verdict = Verdict::kUnknown; }},
      {"another text of the check",
       [](RollupInput& i) { TlsRow(i).check_digest = Sha256("easier"); }},
      {"params that nobody explains", [](RollupInput& i) { i.hosts[0].params.clear(); }},
      {"params of another profile",
       [](RollupInput& i) {
         for (auto& [key, piece] : i.hosts[0].params) piece.profiles = {"other-dpa"};
       }},
      {"rows of another controller",
       [](RollupInput& i) {
         i.controller = "c1";
         TlsRow(i).scope = {"c2"};
       }},
  };
  EXPECT_EQ(TlsStatus(Good()), "satisfied");
  for (const Case& c : cases) {
    RollupInput input = Good();
    c.bend(input);
    EXPECT_THAT(TlsStatus(input), testing::AnyOf("not_assessed", "not_satisfied")) << c.name;
    EXPECT_NE(TlsStatus(input), "not_satisfied") << c.name;
  }
}

TEST(RollUp, AStricterHostValueAnswersAndALooserDoesNot) {
  for (const auto& [value, status] : std::vector<std::pair<std::string, std::string>>{
           {"TLSv1.3", "satisfied"}, {"TLSv1.1", "not_assessed"}}) {
    RollupInput input = Good();
    HostEvidence& host = input.hosts[0];
    ParamsPiece piece = host.params.at(ParamsKey("tls", TlsRow(input).key.params));
    piece.values["minimum"] = value;
    piece.params = ParamsDigest(piece.values);
    host.params = {{ParamsKey("tls", piece.params), piece}};
    TlsRow(input).key.params = piece.params;
    EXPECT_EQ(TlsStatus(input), status) << value;
  }
}

TEST(RollUp, AFailIsNeverOutweighed) {
  RollupInput input = Good();
  VerdictInterval fail = TlsRow(input);
  fail.verdict = Verdict::kFail;
  fail.from = kStart + 10;
  fail.to = kStart + 20;
  fail.end = IntervalEnd::kReplaced;
  input.hosts[0].verdicts.push_back(fail);
  EXPECT_EQ(TlsStatus(input), "satisfied_with_exceptions") << "closed within two days";
  input.profiles[0].value.thresholds.remedy_seconds.clear();
  EXPECT_EQ(TlsStatus(input), "not_satisfied") << "no time to remedy was promised";
  input.inventories.clear();
  EXPECT_EQ(TlsStatus(input), "not_satisfied") << "a fail needs no denominator";
}

TEST(RollUp, ManyShortCataloguesDoNotOutweighALongGap) {
  RollupInput input = Good();
  Uncover(input, 500);
  for (int64_t hour = 990; hour < 1000; ++hour) {
    input.catalogues.push_back({kStart + hour * kHour, SmallCatalogue(hour)});
  }
  const MeasureResult measure = Of(RollUp(input), "in-transit");
  EXPECT_EQ(measure.coverage_ppm, 500000);
  EXPECT_EQ(measure.units.size(), 1u);
  EXPECT_EQ(measure.passing, 1);
}

// From hour 500 on a second catalogue has "tls" on trial, until hour 750.
RollupInput WithTrial() {
  RollupInput input = Good();
  input.catalogues.push_back({kStart + 500 * kHour, SmallCatalogue(2)});
  input.catalogues[1].value.observed["tls"] = kStart + 750 * kHour;
  return input;
}

TEST(RollUp, ANewCheckOnTrialIsNotDemandedAndFailsNothing) {
  RollupInput input = Good();
  input.catalogues[0].value.observed["tls"] = std::nullopt;
  TlsRow(input).verdict = Verdict::kFail;
  const Rollup rollup = RollUp(input);
  const MeasureResult& measure = Of(rollup, "in-transit");
  EXPECT_THAT(measure.units, testing::IsEmpty());
  EXPECT_THAT(measure.findings, testing::IsEmpty());
  EXPECT_EQ(measure.failing, 0);
  EXPECT_EQ(measure.passing, 0);
  EXPECT_THAT(measure.reasons, testing::Contains("on trial, counting for nothing: tls"));
}

TEST(RollUp, AChangedCheckOnTrialLeavesItsUnitUncovered) {
  EXPECT_EQ(Of(RollUp(WithTrial()), "in-transit").coverage_ppm, 750000);
}

TEST(RollUp, WhatFailsOnTrialIsAFindingOnceTheTrialIsOver) {
  RollupInput input = WithTrial();
  VerdictInterval fail = TlsRow(input);
  TlsRow(input).to = kStart + 600 * kHour;
  fail.verdict = Verdict::kFail;
  fail.from = kStart + 600 * kHour;
  input.hosts[0].verdicts.push_back(fail);
  const Rollup counted = RollUp(input);
  ASSERT_EQ(Of(counted, "in-transit").findings.size(), 1u);
  EXPECT_EQ(Of(counted, "in-transit").findings[0].opened_at, kStart + 750 * kHour);
  input.hosts[0].verdicts.back().to = kStart + 700 * kHour;
  EXPECT_THAT(Of(RollUp(input), "in-transit").findings, testing::IsEmpty());
}

TEST(RollUp, APassOnTrialClosesNothing) {
  RollupInput input = WithTrial();
  VerdictInterval fail = TlsRow(input);
  fail.verdict = Verdict::kFail;
  fail.from = kStart + 400 * kHour;
  fail.to = kStart + 600 * kHour;
  TlsRow(input).from = fail.to;
  input.hosts[0].verdicts.push_back(fail);
  const Rollup rollup = RollUp(input);
  ASSERT_EQ(Of(rollup, "in-transit").findings.size(), 1u);
  EXPECT_EQ(Of(rollup, "in-transit").findings[0].opened_at, kStart + 400 * kHour);
  EXPECT_EQ(Of(rollup, "in-transit").findings[0].closed_at, kStart + 750 * kHour);
}

TEST(RollUp, AnOldInventoryIsUnknown) {
  RollupInput input = Good();
  input.inventories[0].value.drawn_at = kStart - 20 * kDay;
  const Rollup rollup = RollUp(input);
  const MeasureResult& scope = Of(rollup, kScopeMeasure);
  EXPECT_EQ(scope.unknown, 1);
  EXPECT_EQ(scope.units.at(0).covered_seconds, 11 * kDay);
  EXPECT_EQ(MeasureStatusName(scope.status), "not_assessed");
  EXPECT_EQ(TlsStatus(input), "satisfied");
}

TEST(RollUp, EnrollingLateLeavesAGapFromTheStatedDate) {
  RollupInput input = Good();
  input.hosts[0].enrolled_at = kStart + 10 * kDay;
  const Rollup rollup = RollUp(input);
  const MeasureResult& scope = Of(rollup, kScopeMeasure);
  ASSERT_EQ(scope.findings.size(), 1u);
  EXPECT_EQ(scope.findings[0].opened_at, kStart - kDay);
  EXPECT_EQ(scope.findings[0].closed_at, kStart + 10 * kDay);
  EXPECT_EQ(MeasureStatusName(scope.status), "not_satisfied") << "11 days, two to remedy";
  EXPECT_EQ(Of(rollup, "in-transit").units.at(0).covered_seconds, kHours * kHour - 10 * kDay);
}

TEST(RollUp, AnInventoryThatComesLateDoesNotHideTheTimeBefore) {
  RollupInput input = Good();
  input.inventories[0].acts_at = kStart + 500 * kHour;
  EXPECT_EQ(Of(RollUp(input), "in-transit").coverage_ppm, 500000);
}

TEST(RollUp, NumbersAreCanonicalAndCountEachStatus) {
  const RollupInput input = Good();
  const Json numbers = ReportNumbers(RollUp(input), input);
  EXPECT_TRUE(EncodeCanonical(numbers).ok());
  EXPECT_EQ(numbers.Find("counts")->Find("satisfied")->AsInteger(), 3);
  EXPECT_EQ(numbers.Find("measures")->AsArray().size(), 3u);
  EXPECT_EQ(numbers.Find("measures")->AsArray()[1].Find("coverage")->AsString(), "1.0");
}

}  // namespace
}  // namespace tom::test
