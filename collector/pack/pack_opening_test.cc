// A pack of a late period begins with openings: it costs its period, and its figures are those of a
// pack that shows every chain from its first report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "collector/assessment/assemble.h"
#include "collector/pack/test_town.h"
#include "evidence/bundle.h"
#include "evidence/report_numbers.h"

namespace tom::test {
namespace {

using ::testing::StartsWith;

constexpr UnixSeconds kFrom = kStart + 10 * kDay;
constexpr UnixSeconds kTo = kStart + 13 * kDay;

// One host with two checks, and what happens to it.
struct Tale {
  Tale() {
    town.ListSystems({{"web-1", {"shared"}}});
    town.PutProfile(SmallProfile());
    published = town.Publish(SmallCatalogue());
    host = &town.Enrol("web-1", {"shared"});
    host->Set("tls", "a:443", Verdict::kPass);
    host->Set("disk", "/dev/vda", Verdict::kPass);
    host->SetContext(SmallCatalogue(), published, SmallProfile());
  }
  void Until(int days, const std::vector<Host*>& who) { town.Run(kStart + days * kDay, who); }
  void Until(int days) { Until(days, {host}); }
  Host& Twin() {
    town.hosts.push_back(*host);
    Host& twin = town.hosts.back();
    twin.forked_ = true;
    twin.runs.clear();
    return twin;
  }

  PackFiles Pack(uint64_t whole_below) {
    PackRequest request;
    request.profile = "small-dpa";
    request.from = kFrom;
    request.to = kTo;
    request.whole_below = whole_below;
    auto files = town.Pack(request);
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *std::move(files) : PackFiles();
  }

  TestTown town;
  Digest published;
  Host* host = nullptr;
};

size_t Statements(const PackFiles& files, bool openings) {
  size_t count = 0;
  for (const auto& [name, bytes] : files) {
    if (name.rfind("evidence/hosts/", 0) != 0) continue;
    const HostBundle bundle = ParseHostBundle(bytes).value();
    for (const BundleChain& chain : bundle.chains) {
      count +=
          openings ? (chain.opening ? chain.opening->looks.size() : 0) : chain.statements.size();
    }
  }
  return count;
}

std::string NumbersOf(const PackFiles& files) {
  const auto facts = ParsePackFacts(files.at(std::string(kPackFactsName)));
  return Canonical(facts->numbers);
}

struct PackTale {
  const char* name;
  std::function<void(Tale&)> tell;
  bool short_pack = true;  // the opening lies right before the period
};

void Quiet(Tale& tale) { tale.Until(14); }

void FailureThatStands(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(11);
  tale.host->Set("tls", "a:443", Verdict::kPass);
  tale.Until(14);
}

void FailureThatStaysOpen(Tale& tale) {
  tale.Until(6);
  tale.host->Set("disk", "/dev/vda", Verdict::kFail);
  tale.Until(14);
}

void FailureWithAnotherReason(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(8);
  tale.host->reasons["a:443"] = "still failing, otherwise";
  tale.Until(14);
}

void FailureBehindUnknown(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(7);
  tale.host->Set("tls", "a:443", Verdict::kUnknown);
  tale.Until(11);
  tale.host->Set("tls", "a:443", Verdict::kPass);
  tale.Until(14);
}

void FailureUnknownFailure(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(7);
  tale.host->Set("tls", "a:443", Verdict::kUnknown);
  tale.Until(8);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(14);
}

void FailureThatWasDropped(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "b:443", Verdict::kFail);
  tale.Until(7);
  tale.host->Remove("tls", "b:443");
  tale.Until(14);
}

void FailureClosedBefore(Tale& tale) {
  tale.Until(6);
  tale.host->Set("tls", "a:443", Verdict::kFail);
  tale.Until(7);
  tale.host->Set("tls", "a:443", Verdict::kPass);
  tale.Until(14);
}

void NewRules(Tale& tale) {
  tale.Until(6);
  tale.town.PutProfile(SmallProfile("TLSv1.3"));
  tale.Until(7);
  tale.host->SetContext(SmallCatalogue(), tale.published, SmallProfile("TLSv1.3"));
  tale.Until(11);
  tale.host->Set("tls", "b:443", Verdict::kPass);
  tale.Until(14);
}

void NewChainBefore(Tale& tale) {
  tale.host->Set("tls", "b:443", Verdict::kFail);
  tale.Until(6);
  tale.host->NewChain();
  tale.Until(14);
}

void NewChainInside(Tale& tale) {
  tale.host->Set("tls", "b:443", Verdict::kFail);
  tale.Until(11);
  tale.host->NewChain();
  tale.Until(12);
  tale.host->Set("tls", "b:443", Verdict::kPass);
  tale.Until(14);
}

void SilentBefore(Tale& tale) {
  tale.host->Set("tls", "b:443", Verdict::kFail);
  tale.Until(8);
  tale.Until(14, {});
}

void SilentAndBack(Tale& tale) {
  tale.Until(8);
  tale.Until(11, {});
  tale.host->NewChain();
  tale.Until(14);
}

void ForkBefore(Tale& tale) {
  tale.Until(6);
  Host& twin = tale.Twin();
  twin.Set("tls", "a:443", Verdict::kFail);
  tale.Until(14, {tale.host, &twin});
}

void ForkInside(Tale& tale) {
  tale.Until(11);
  Host& twin = tale.Twin();
  twin.Set("tls", "a:443", Verdict::kFail);
  tale.Until(12, {tale.host, &twin});
  tale.host->NewChain({tale.host->tip(), twin.tip()});
  tale.Until(14);
}

// A snapshot from before the period comes back inside it.
void OldSnapshot(Tale& tale) {
  tale.Until(6);
  Host& twin = tale.Twin();
  tale.Until(11);
  twin.Set("tls", "a:443", Verdict::kFail);
  tale.Until(14, {tale.host, &twin});
}

// Both go on from the very look that the opening ends with.
void ForkAtTheOpening(Tale& tale) {
  tale.Until(10);
  Host& twin = tale.Twin();
  twin.Set("tls", "a:443", Verdict::kFail);
  tale.Until(14, {tale.host, &twin});
}

// What the collector tells day by day.
std::string NumbersOfCollector(Tale& tale) {
  Json numbers;
  TestTown::Must(tale.town.collector.collector->store().Read([&](const StoreView& view) {
    const auto assessed = AssessStore(view, "small-dpa", {kFrom, kTo}, std::nullopt);
    if (!assessed.ok()) return assessed.status();
    numbers = ReportNumbers(assessed->rollup, assessed->rules);
    return absl::OkStatus();
  }));
  return Canonical(numbers);
}

class Openings : public ::testing::TestWithParam<PackTale> {};

TEST_P(Openings, GiveTheFiguresOfTheWholeHistoryAndOfTheCollector) {
  Tale tale;
  GetParam().tell(tale);
  const PackFiles whole = tale.Pack(1'000'000);
  const PackFiles late = tale.Pack(0);
  EXPECT_EQ(Statements(whole, true), 0u);
  EXPECT_EQ(NumbersOf(late), NumbersOf(whole));
  EXPECT_EQ(NumbersOf(late), NumbersOfCollector(tale));
  const JudgedEvidence judged = tale.town.Judge(late);
  for (const Claim& claim : judged.claims) {
    if (claim.detail == "no look lies in the period") continue;  // a host that had fallen silent
    const bool told = claim.claim == "verdicts-recomputed" && Statements(late, true) > 0;
    EXPECT_EQ(claim.state, told ? ClaimState::kDisclosed : ClaimState::kProven)
        << claim.claim << ": " << claim.detail;
  }
  if (!GetParam().short_pack) return;
  EXPECT_GT(Statements(late, true), 0u);
  EXPECT_LT(Statements(late, false), 2 * (3 * 24 + 2)) << Statements(whole, false);
}

INSTANTIATE_TEST_SUITE_P(
    All, Openings,
    ::testing::Values(
        PackTale{"quiet", Quiet}, PackTale{"failure_that_stands", FailureThatStands},
        PackTale{"failure_that_stays_open", FailureThatStaysOpen},
        PackTale{"failure_with_another_reason", FailureWithAnotherReason},
        PackTale{"failure_behind_unknown", FailureBehindUnknown, false},
        PackTale{"failure_unknown_failure", FailureUnknownFailure, false},
        PackTale{"failure_that_was_dropped", FailureThatWasDropped, false},
        PackTale{"failure_closed_before", FailureClosedBefore}, PackTale{"new_rules", NewRules},
        PackTale{"new_chain_before", NewChainBefore}, PackTale{"new_chain_inside", NewChainInside},
        PackTale{"silent_before", SilentBefore}, PackTale{"silent_and_back", SilentAndBack},
        PackTale{"fork_before", ForkBefore}, PackTale{"fork_inside", ForkInside},
        PackTale{"old_snapshot", OldSnapshot}, PackTale{"fork_at_the_opening", ForkAtTheOpening}),
    [](const auto& tested) { return std::string(tested.param.name); });

// A pack of ten days at the end of ninety shows the statements of those ten days, and no pack is
// bigger for what came after its period.
TEST(PackOpening, CostsItsPeriodAndNotTheHistory) {
  Tale tale;
  tale.Until(90);
  PackRequest request;
  request.profile = "small-dpa";
  request.from = kStart + 80 * kDay;
  const PackFiles late = tale.town.Pack(request).value();
  EXPECT_LE(Statements(late, false), 10u * 24 + 1);
  EXPECT_LE(Statements(late, true), 24u);
  request.from = kStart + 40 * kDay;
  request.to = kStart + 50 * kDay;
  const PackFiles middle = tale.town.Pack(request).value();
  EXPECT_LE(Statements(middle, false), 10u * 24 + 2);
  request.from = kStart + kDay;
  request.to = kStart + 3 * kDay;
  const PackFiles early = tale.town.Pack(request).value();
  EXPECT_EQ(Statements(early, true), 0u);
  EXPECT_LE(Statements(early, false), 3u * 24 + 2);
  for (const PackFiles* files : {&late, &middle, &early}) {
    const JudgedEvidence judged = tale.town.Judge(*files);
    EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven"));
    EXPECT_EQ(Status(judged, "in-transit"), "satisfied");
    EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 1000000);
  }
}

// A fork whose beginning lies in an earlier month than its first report.
TEST(PackOpening, AForkFromAnEarlierMonthIsShown) {
  Tale tale;
  tale.Until(20);
  Host& twin = tale.Twin();
  tale.Until(35);
  twin.Set("tls", "a:443", Verdict::kFail);
  tale.Until(38, {tale.host, &twin});
  for (const int from_day : {2, 10, 25, 33}) {
    PackRequest request;
    request.profile = "small-dpa";
    request.from = kStart + from_day * kDay;
    request.whole_below = 0;
    const auto late = tale.town.Pack(request);
    ASSERT_TRUE(late.ok()) << from_day << late.status();
    request.whole_below = 1'000'000;
    const auto whole = tale.town.Pack(request);
    ASSERT_TRUE(whole.ok()) << from_day << whole.status();
    EXPECT_EQ(NumbersOf(*late), NumbersOf(*whole)) << from_day;
    EXPECT_THAT(StateOf(tale.town.Judge(*late), "host-chains"), StartsWith("proven")) << from_day;
  }
}

}  // namespace
}  // namespace tom::test
