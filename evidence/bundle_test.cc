#include "evidence/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Parts SomeParts() {
  static const auto& parts = *new Parts([] {
    Story story;
    story.Run(kStart + kDay);
    story.host.HandOver();
    story.RunAll();
    return story.Build();
  }());
  return parts;
}

TEST(Bundle, FilesReadBackAsTheyWereWritten) {
  const Parts parts = SomeParts();
  const std::string scope = EncodeScopeChain(parts.scope);
  EXPECT_EQ(EncodeScopeChain(ParseScopeChain(scope).value()), scope);
  const std::string stamps = EncodeStamps(parts.stamps);
  EXPECT_EQ(EncodeStamps(ParseStamps(stamps).value()), stamps);
  const std::string bundle = EncodeHostBundle(parts.bundles[0]);
  EXPECT_EQ(EncodeHostBundle(ParseHostBundle(bundle).value()), bundle);
  const std::string facts = EncodePackFacts(parts.facts);
  EXPECT_EQ(EncodePackFacts(ParsePackFacts(facts).value()), facts);
  EXPECT_EQ(EncodeStamps({}), "{}");
  EXPECT_TRUE(ParseStamps("{}").value().empty());
}

TEST(Bundle, ReadersRefuseWhatTheyWouldNotWrite) {
  const std::string host(32, 'a');
  const std::vector<std::pair<std::string, std::string>> bundles = {
      {"", "byte 0"},
      {R"({"host":"aa","month":"2026-01"})", "bundle.host"},
      {R"({"host":")" + host + R"(","month":"2026-13"})", "bundle.month"},
      {R"({"chains":[{"chain":"0123456789abcdef","opening":{"looks":[{}]}}],"host":")" + host +
           R"(","month":"2026-01"})",
       "stands without after"},
      {R"({"chains":[{"chain":"0123456789abcdef","statements":[{}]}],"host":")" + host +
           R"(","month":"2026-01"})",
       "exactly one of payload and heartbeat"},
      {R"({"extra":1,"host":")" + host + R"(","month":"2026-01"})", "bundle.extra"},
  };
  for (const auto& [bytes, problem] : bundles) {
    const auto bundle = ParseHostBundle(bytes);
    ASSERT_FALSE(bundle.ok()) << bytes;
    EXPECT_THAT(std::string(bundle.status().message()), HasSubstr(problem)) << bytes;
  }
  EXPECT_FALSE(ParseStamps(R"({"stamps":[{"note":"n"}]})").ok());
  EXPECT_FALSE(ParseScopeChain(R"({"entries":[{}]})").ok());
  EXPECT_FALSE(ParsePackFacts(R"({"from":"2026-01-02T00:00:00Z","ledger":"l","numbers":{},)"
                              R"("profile":"p","to":"2026-01-02T00:00:00Z"})")
                   .ok());
}

TEST(Bundle, EveryTruncationIsRefused) {
  HostBundle bundle = SomeParts().bundles[0];
  bundle.chains[0].statements.resize(3);
  const std::string bytes = EncodeHostBundle(bundle);
  for (size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
    EXPECT_FALSE(ParseHostBundle(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(Bundle, HeartbeatIsAllOfAReportOrNothing) {
  Branch before;
  before.ledger = "l";
  before.host = std::string(32, '1');
  before.chain = std::string(16, '2');
  before.seq = 4;
  before.tip = Sha256("tip");
  before.context = Sha256("context");
  before.states = {{"1h", Sha256("s")}, {"24h", Sha256("t")}};
  before.anchor = Anchor{3, Sha256("r"), Sha256("token")};
  const Heartbeat heartbeat{kStart, 5, 7, {"1h"}, Anchor{4, Sha256("r2"), Sha256("token2")}};
  const Report report = ExpandHeartbeat(heartbeat, before);
  EXPECT_EQ(report.seq, 5u);
  ASSERT_TRUE(CollapseReport(report, before));
  EXPECT_EQ(ExpandHeartbeat(*CollapseReport(report, before), before), report);
  for (const auto& bend : std::vector<std::function<void(Report&)>>{
           [](Report& r) { r.context = Sha256("other"); },
           [](Report& r) { r.groups["1h"] = Sha256("other"); },
           [](Report& r) { r.groups["5m"] = Sha256("other"); },
           [](Report& r) { r.changed = {Sha256("h")}; }, [](Report& r) { r.seq = 9; },
           [](Report& r) { r.anchor.reset(); }}) {
    Report bent = report;
    bend(bent);
    EXPECT_FALSE(CollapseReport(bent, before));
  }
}

// The same history in one bundle, cut between two months, and from an opening on.
std::vector<BundleStatement> TakeFrom(std::vector<BundleStatement>& statements, size_t at) {
  std::vector<BundleStatement> rest(statements.begin() + static_cast<std::ptrdiff_t>(at),
                                    statements.end());
  statements.resize(at);
  return rest;
}

TEST(Bundle, ACutBetweenMonthsChangesNothing) {
  Story story;
  story.Run(kStart + 2 * kDay);
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.Run(kStart + 3 * kDay);
  story.host.Set("tls", "b:443", Verdict::kPass);
  story.RunAll();
  Parts parts = story.Build();
  for (const size_t cut : {1, 30, 48, 49, 72, 168}) {
    Parts both = parts;
    HostBundle& first = both.bundles[0];
    HostBundle second = first;
    second.month = "2026-02";
    second.chains[0].after = story.host.runs[0].entries[cut - 1].logged.digest;
    second.chains[0].statements = TakeFrom(first.chains[0].statements, cut);
    both.bundles.push_back(second);
    const JudgedEvidence judged = story.Judge(both);
    EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), StartsWith("proven")) << cut;
    EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("proven: 1 chain, 169")) << cut;
  }
}

// From two days on, with the looks and heads that stood then.
void OpenAt(Story& story, Parts& parts, size_t cut) {
  BundleChain& chain = parts.bundles[0].chains[0];
  const std::vector<Host::Entry>& entries = story.host.runs[0].entries;
  BundleOpening opening;
  size_t daily = cut - 1;
  while (!entries[daily].report.groups.contains("24h")) --daily;
  std::set<size_t> looks = {daily, cut - 1};
  for (const size_t i : looks) {
    opening.looks.push_back({entries[i].logged.payload, {}, entries[i].logged.signature});
    const auto known = [&](const ProvenLeaf& leaf) {
      return leaf.index == entries[i].logged.index;
    };
    auto& leaves = parts.bundles[0].leaves;
    if (std::none_of(leaves.begin(), leaves.end(), known)) {
      leaves.push_back(story.world.Prove(entries[i].logged.index));
    }
  }
  std::set<Digest> standing;
  for (size_t i = 0; i < cut; ++i) {
    for (const Digest& head : entries[i].report.removed) standing.erase(head);
    for (const Digest& head : entries[i].report.changed) standing.insert(head);
  }
  opening.standing.assign(standing.begin(), standing.end());
  chain.after = entries[cut - 1].logged.digest;
  chain.statements = TakeFrom(chain.statements, cut);
  chain.opening = opening;
  std::sort(parts.bundles[0].leaves.begin(), parts.bundles[0].leaves.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
}

TEST(Bundle, AnOpeningCarriesWhatStood) {
  Story story;
  story.from = kStart + 3 * kDay;
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.RunAll();
  Parts parts = story.Build();
  const JudgedEvidence whole = story.Judge(parts);
  OpenAt(story, parts, 70);
  const JudgedEvidence opened = story.Judge(parts);
  EXPECT_THAT(StateOf(opened, "host-chains"), StartsWith("proven"));
  EXPECT_THAT(StateOf(opened, "verdicts-recomputed"), StartsWith("proven"));
  EXPECT_EQ(Measure(opened, "in-transit").findings.at(0).opened_at, kStart);
  EXPECT_EQ(Measure(whole, "in-transit").coverage_ppm, 1000000);
}

TEST(Bundle, LyingOpeningsAreFound) {
  struct Case {
    const char* name;
    std::function<void(BundleOpening&)> bend;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"a standing head left out", [](BundleOpening& o) { o.standing.pop_back(); }, "opening"},
      {"an older look left out", [](BundleOpening& o) { o.looks.erase(o.looks.begin()); },
       "no look at group 24h"},
      {"the newest look left out", [](BundleOpening& o) { o.looks.pop_back(); }, "newest look"},
      {"looks in another order", [](BundleOpening& o) { std::swap(o.looks[0], o.looks[1]); },
       "order"},
      {"a look with another's signature",
       [](BundleOpening& o) { o.looks[0].signature = o.looks[1].signature; }, "signature"},
  };
  Story story;
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.RunAll();
  Parts parts = story.Build();
  OpenAt(story, parts, 20);
  for (const Case& lie : cases) {
    Parts bent = parts;
    lie.bend(*bent.bundles[0].chains[0].opening);
    EXPECT_THAT(StateOf(story.Judge(bent), "host-chains"), StartsWith("disproven: ")) << lie.name;
    EXPECT_THAT(StateOf(story.Judge(bent), "host-chains"), HasSubstr(lie.reason)) << lie.name;
  }
}

}  // namespace
}  // namespace tom::test
