#include "evidence/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::HasSubstr;
using testing::Not;
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

// The run that `chain` would be from statement `cut` on, opened with the looks and heads that stood
// then.
BundleChain OpenedAt(Story& story, Parts& parts, const BundleChain& chain, size_t cut) {
  BundleChain opened = chain;
  const std::vector<Host::Entry>& entries = story.host.runs[0].entries;
  BundleOpening opening;
  size_t daily = cut - 1;
  while (!entries[daily].report.groups.contains("24h")) --daily;
  for (size_t i = daily; i < cut; ++i) {
    const bool last = i == daily || i == cut - 1;
    opening.looks.push_back(
        {entries[i].logged.payload, {}, last ? entries[i].logged.signature : ""});
    const auto known = [&](const ProvenLeaf& leaf) {
      return leaf.index == entries[i].logged.index;
    };
    auto& leaves = parts.bundles[0].leaves;
    if (last && std::none_of(leaves.begin(), leaves.end(), known)) {
      leaves.push_back(story.world.Prove(entries[i].logged.index));
    }
  }
  std::set<Digest> standing;
  for (size_t i = 0; i < cut; ++i) {
    for (const Digest& head : entries[i].report.removed) standing.erase(head);
    for (const Digest& head : entries[i].report.changed) standing.insert(head);
  }
  opening.standing.assign(standing.begin(), standing.end());
  opened.after = entries[cut - 1].logged.digest;
  opened.statements = TakeFrom(opened.statements, cut);
  opened.opening = opening;
  std::sort(parts.bundles[0].leaves.begin(), parts.bundles[0].leaves.end(),
            [](const auto& one, const auto& other) { return one.index < other.index; });
  return opened;
}

void OpenAt(Story& story, Parts& parts, size_t cut) {
  BundleChain& chain = parts.bundles[0].chains[0];
  chain = OpenedAt(story, parts, chain, cut);
}

TEST(Bundle, AnOpeningCarriesWhatStood) {
  Story story;
  story.from = kStart + 3 * kDay;
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.RunAll();
  Parts parts = story.Build();
  const JudgedEvidence whole = story.Judge(parts);
  for (const size_t cut : {25, 26, 48, 49, 70, 72}) {
    Parts late = parts;
    OpenAt(story, late, cut);
    const JudgedEvidence opened = story.Judge(late);
    EXPECT_THAT(StateOf(opened, "host-chains"), StartsWith("proven")) << cut;
    EXPECT_THAT(StateOf(opened, "host-chains"), HasSubstr("1 opening")) << cut;
    EXPECT_THAT(StateOf(opened, "verdicts-recomputed"), StartsWith("disclosed")) << cut;
    EXPECT_THAT(StateOf(opened, "verdicts-recomputed"), HasSubstr("begin with an opening")) << cut;
    EXPECT_EQ(Measure(opened, "in-transit").findings.at(0).opened_at, kStart);
  }
  EXPECT_EQ(Measure(whole, "in-transit").coverage_ppm, 1000000);
}

// A look of the chain as its host would have signed it with something else in it.
void Resign(Story& story, BundleStatement& look, const std::function<void(Report&)>& bend) {
  Report report = ParseReport(look.payload).value();
  bend(report);
  const Envelope envelope = SignEnvelope(EncodeReport(report), *story.host.key).value();
  look.payload = envelope.payload;
  look.signature = envelope.signature;
}

TEST(Bundle, LyingOpeningsAreFound) {
  Story story;
  story.Run(kStart + 10 * kHour);
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.RunAll();
  Parts parts = story.Build();
  const std::vector<Head> heads = parts.bundles[0].heads;
  OpenAt(story, parts, 20);
  struct Case {
    const char* name;
    std::function<void(BundleOpening&)> bend;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"a standing head left out", [](BundleOpening& o) { o.standing.pop_back(); }, "opening"},
      {"a head that does not stand",
       [&](BundleOpening& o) {
         Head more = heads[0];
         more.subject_id = std::string(32, '7');
         o.standing.push_back(HeadDigest(more));
         std::sort(o.standing.begin(), o.standing.end());
       },
       "a standing head is not shown"},
      {"the oldest look left out", [](BundleOpening& o) { o.looks.erase(o.looks.begin()); },
       "no look at group 24h"},
      {"the newest look left out", [](BundleOpening& o) { o.looks.pop_back(); }, "newest"},
      {"looks in another order", [](BundleOpening& o) { std::swap(o.looks[0], o.looks[1]); },
       "order"},
      {"a look with another's signature",
       [](BundleOpening& o) { o.looks[0].signature = o.looks.back().signature; }, "signature"},
      {"a look of another chain",
       [&](BundleOpening& o) {
         Resign(story, o.looks[0], [](Report& r) { r.chain = std::string(16, '7'); });
       },
       "another chain"},
      {"a look of another host",
       [&](BundleOpening& o) {
         Resign(story, o.looks[0], [](Report& r) { r.host = std::string(32, '7'); });
       },
       "another chain, host"},
      {"a look under another context",
       [&](BundleOpening& o) {
         Resign(story, o.looks[0], [](Report& r) { r.context = Sha256("another"); });
       },
       "older context"},
      {"a look with another state",
       [&](BundleOpening& o) {
         Resign(story, o.looks[0], [](Report& r) { r.groups["24h"] = Sha256("another"); });
       },
       "opening"},
  };
  for (const Case& lie : cases) {
    Parts bent = parts;
    lie.bend(*bent.bundles[0].chains[0].opening);
    const JudgedEvidence judged = story.Judge(bent);
    EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("disproven: ")) << lie.name;
    EXPECT_THAT(StateOf(judged, "host-chains"), HasSubstr(lie.reason)) << lie.name;
    EXPECT_TRUE(judged.rollup.measures.empty()) << lie.name;
  }
}

TEST(Bundle, AHeadOfAnOpeningThatIsChangedOrAddedGivesAnotherState) {
  Story story;
  story.host.Set("tls", "b:443", Verdict::kFail);
  story.RunAll();
  Parts parts = story.Build();
  OpenAt(story, parts, 20);
  for (const bool instead : {true, false}) {
    Parts bent = parts;
    BundleOpening& opening = *bent.bundles[0].chains[0].opening;
    for (Head& head : bent.bundles[0].heads) {
      if (head.verdict != Verdict::kFail) continue;
      Head good = head;
      good.verdict = Verdict::kPass;
      if (instead) std::erase(opening.standing, HeadDigest(head));
      if (!instead) good.subject_id = std::string(32, '7');
      opening.standing.push_back(HeadDigest(good));
      std::sort(opening.standing.begin(), opening.standing.end());
      bent.bundles[0].heads.push_back(good);
      break;
    }
    EXPECT_THAT(StateOf(story.Judge(bent), "host-chains"),
                HasSubstr("do not give the state of group 1h"));
  }
}

// The disk fails on the third day; the opening shows it as it was on the second, and hides the look
// between.
TEST(Bundle, AnOlderLookThanTheLastIsNeverProven) {
  for (const bool looked_at_again : {true, false}) {
    Story story;
    story.from = kStart + 5 * kDay / 2;
    story.to = story.from + 10 * kHour;
    story.Run(kStart + 2 * kDay);
    story.host.Set("disk", "/dev/vda", Verdict::kFail);
    story.Run(looked_at_again ? kStart + 4 * kDay : kStart + 3 * kDay);
    story.world.StampNow();
    Parts parts = story.Build();
    EXPECT_EQ(Status(story.Judge(parts), "at-rest"), "not_satisfied");
    Parts early = parts;
    OpenAt(story, early, 26);
    OpenAt(story, parts, 60);
    BundleOpening& opening = *parts.bundles[0].chains[0].opening;
    const BundleOpening& older = *early.bundles[0].chains[0].opening;
    opening.looks = {older.looks.front(), opening.looks.back()};
    opening.standing = older.standing;
    parts.bundles[0].leaves = early.bundles[0].leaves;
    OpenedAt(story, parts, story.Build().bundles[0].chains[0], 60);  // its leaves
    const JudgedEvidence judged = story.Judge(parts);
    EXPECT_THAT(
        StateOf(judged, "host-chains"),
        StartsWith(looked_at_again ? "disproven" : "unproven: an opening leaves out statements"));
    EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), Not(StartsWith("proven")));
    EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), Not(StartsWith("disclosed")));
  }
}

// A run that ends, signed, and goes on from an opening: what lies between would be hidden.
TEST(Bundle, AnOpeningInsideThePeriodIsFound) {
  Story story;
  story.RunAll();
  Parts parts = story.Build();
  BundleChain& chain = parts.bundles[0].chains[0];
  const BundleChain later = OpenedAt(story, parts, chain, 60);
  chain.statements.resize(50);
  chain.statements.back().signature = story.host.runs[0].entries[49].logged.signature;
  parts.bundles[0].chains.push_back(later);
  EXPECT_THAT(StateOf(story.Judge(parts), "host-chains"),
              HasSubstr("it hides a part of the period"));
}

}  // namespace
}  // namespace tom::test
