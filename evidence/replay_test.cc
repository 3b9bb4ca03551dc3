#include "evidence/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/intervals.h"

namespace tom {
namespace {

using testing::HasSubstr;

struct TimeCase {
  const char* name;
  UnixSeconds observed, previous;
  TimeFacts facts;
  CountedTime expected;
};

TEST(CountTime, FollowsTheTable) {
  const std::optional<UnixSeconds> none;
  const std::vector<TimeCase> cases = {
      {"inside its bracket", 1000, 900, {950, 1100, none}, {1000, true, true}},
      {"at both ends of its bracket", 1000, 1000, {1000, 1000, none}, {1000, true, true}},
      {"no stamp over it yet", 1000, 900, {950, none, none}, {1000, true, false}},
      {"no anchor", 1000, 900, {none, 1100, none}, {1000, true, false}},
      {"bracket as wide as allowed", 1000, 900, {950, 1250, none}, {1000, true, true}},
      {"bracket wider than allowed", 1000, 900, {950, 1251, none}, {1000, true, false}},
      {"clock before the anchor", 940, 900, {950, 1100, none}, {950, false, false}},
      {"clock before its predecessor", 899, 900, {none, none, none}, {900, false, false}},
      {"clock before both", 100, 900, {950, 1100, none}, {950, false, false}},
      {"clock after the stamp over it", 1101, 900, {950, 1100, none}, {950, false, false}},
      {"five minutes ahead are slack", 1300, 900, {950, 1400, 1000}, {1300, true, false}},
      {"received earlier than observed", 1301, 900, {950, 1100, 1000}, {1000, true, true}},
      {"received before its predecessor counts", 2000, 1050, {950, 1100, 1000}, {1050, true, true}},
      {"received before its anchor was stamped", 2000, 0, {950, 1100, 900}, {950, false, false}},
      {"ahead, and nothing is proven of it", 1101, 0, {none, 1100, none}, {0, false, false}},
  };
  for (const TimeCase& c : cases) {
    const CountedTime counted = CountTime(c.observed, c.previous, c.facts, 300);
    EXPECT_EQ(counted.time, c.expected.time) << c.name;
    EXPECT_EQ(counted.covers, c.expected.covers) << c.name;
    EXPECT_EQ(counted.anchored, c.expected.anchored) << c.name;
  }
}

// Two checks, one a group; a chain with one statement.
class Replay : public testing::Test {
 protected:
  Replay() {
    context_.groups = {{"1h", {"tls"}}, {"24h", {"disk"}}};
    first_ = Start(1000);
    Put(first_, "tls", "a", Verdict::kPass, 1000);
    Put(first_, "disk", "d", Verdict::kFail, 1000);
    Seal(first_);
    demanded_ = {{"tls", Params("tls")}, {"disk", Params("disk")}};
  }

  static Digest Params(const std::string& check) { return Sha256("params of " + check); }

  Report Start(UnixSeconds observed) {
    Report report;
    report.ledger = "l";
    report.host = std::string(32, '1');
    report.chain = std::string(16, '2');
    report.observed_at = observed;
    report.context = Sha256("context");
    return report;
  }

  Head Row(const std::string& check, const std::string& subject, Verdict verdict,
           UnixSeconds since) {
    Head head;
    head.check = check;
    head.check_digest = Sha256(check);
    head.params = Params(check);
    head.subject_id = Sha256(subject).Hex().substr(0, 32);
    head.scope = {"shared"};
    head.verdict = verdict;
    head.since = since;
    head.body = Sha256(subject + std::string(VerdictName(verdict)));
    return head;
  }

  Digest Put(Report& report, const std::string& check, const std::string& subject, Verdict verdict,
             UnixSeconds since) {
    return PutHead(report, Row(check, subject, verdict, since));
  }
  Digest PutHead(Report& report, const Head& head) {
    const Digest digest = HeadDigest(head);
    heads_[digest] = head;
    report.changed.push_back(digest);
    return digest;
  }
  void Drop(Report& report, const Head& head) { report.removed.push_back(HeadDigest(head)); }

  // The states that follow from the report's changes.
  void Seal(Report& report) {
    std::map<Digest, Head> now = report.seq == 0 ? std::map<Digest, Head>() : current_;
    for (const Digest& digest : report.removed) now.erase(digest);
    for (const Digest& digest : report.changed) now[digest] = heads_[digest];
    for (const auto& [interval, checks] : context_.groups) {
      std::vector<Digest> digests;
      for (const auto& [digest, head] : now) {
        if (head.check == checks[0]) digests.push_back(digest);
      }
      report.groups[interval] = GroupState(digests);
    }
  }

  absl::StatusOr<ReplayStep> Apply(const Report& report, const Branch* before) {
    ReplayInput input;
    input.before = before;
    input.report = &report;
    input.digest = Sha256(EncodeReport(report));
    input.context = &context_;
    input.demanded = demanded_;
    input.current = &current_;
    input.lookup = [this](const Digest& digest) {
      const auto found = heads_.find(digest);
      return found == heads_.end() ? nullptr : &found->second;
    };
    for (const auto& heads : continued_) input.continued.push_back(&heads);
    input.anchor_max_seconds = 48 * kHour;
    return ApplyReport(input);
  }

  // After the first report.
  Branch Begin() {
    const auto step = Apply(first_, nullptr);
    EXPECT_TRUE(step.ok()) << step.status();
    for (const Head& head : step->opened) current_[HeadDigest(head)] = head;
    return step->branch;
  }

  Report Next(const Branch& branch, UnixSeconds observed) {
    Report report = Start(observed);
    report.seq = branch.seq + 1;
    report.prev = branch.tip;
    report.groups = {{"1h", branch.states.at("1h")}, {"24h", branch.states.at("24h")}};
    return report;
  }

  void ExpectRefused(const Report& report, const Branch* before, const std::string& problem) {
    const auto step = Apply(report, before);
    ASSERT_FALSE(step.ok()) << "expected: " << problem;
    EXPECT_THAT(std::string(step.status().message()), HasSubstr(problem));
  }

  Context context_;
  std::vector<std::pair<std::string, Digest>> demanded_;
  std::map<Digest, Head> heads_;
  std::map<Digest, Head> current_;
  std::vector<std::map<Digest, Head>> continued_;
  Report first_;
};

TEST_F(Replay, HeartbeatKeepsStatesAndMovesLooks) {
  const Branch branch = Begin();
  Report report = Next(branch, 1500);
  report.groups.erase("24h");
  const auto step = Apply(report, &branch);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->branch.states, branch.states);
  EXPECT_EQ(step->branch.looks.at("1h"), 1500);
  EXPECT_EQ(step->branch.looks.at("24h"), 1000);
  EXPECT_TRUE(step->opened.empty() && step->closed.empty());
}

TEST_F(Replay, ChangeClosesTheOldHeadAndOpensTheNew) {
  const Branch branch = Begin();
  Report report = Next(branch, 1500);
  Drop(report, Row("tls", "a", Verdict::kPass, 1000));
  Put(report, "tls", "a", Verdict::kFail, 1500);
  Seal(report);
  const auto step = Apply(report, &branch);
  ASSERT_TRUE(step.ok()) << step.status();
  ASSERT_EQ(step->opened.size(), 1u);
  EXPECT_EQ(step->opened[0].verdict, Verdict::kFail);
  ASSERT_EQ(step->closed.size(), 1u);
  EXPECT_EQ(step->closed[0].verdict, Verdict::kPass);
}

TEST_F(Replay, SinceIsKeptWithTheVerdictAndBeginsWithANewOne) {
  struct Case {
    const char* name;
    Verdict verdict;
    UnixSeconds since;
    const char* problem;  // null: good
  };
  const std::vector<Case> cases = {
      {"same verdict, kept", Verdict::kPass, 1000, nullptr},
      {"same verdict, begun anew", Verdict::kPass, 1500, "not that of the head before"},
      {"same verdict, older", Verdict::kPass, 500, "not that of the head before"},
      {"new verdict, from now", Verdict::kFail, 1500, nullptr},
      {"new verdict, backdated", Verdict::kFail, 1000, "begins at observed_at"},
      {"new verdict, in the future", Verdict::kFail, 1600, "begins at observed_at"},
  };
  const Branch branch = Begin();
  for (const Case& c : cases) {
    Report report = Next(branch, 1500);
    Drop(report, Row("tls", "a", Verdict::kPass, 1000));
    Head head = Row("tls", "a", c.verdict, c.since);
    head.body = Sha256("another body");
    PutHead(report, head);
    Seal(report);
    const auto step = Apply(report, &branch);
    EXPECT_EQ(step.ok(), c.problem == nullptr) << c.name << ": " << step.status();
    if (c.problem != nullptr) {
      EXPECT_THAT(std::string(step.status().message()), HasSubstr(c.problem)) << c.name;
    }
  }
}

TEST_F(Replay, FirstReportMayKeepSinceOfAContinuedChainOnly) {
  Report report = Start(2000);
  Put(report, "tls", "a", Verdict::kPass, 1000);
  Put(report, "disk", "d", Verdict::kFail, 2000);
  Seal(report);
  ExpectRefused(report, nullptr, "no continued chain");
  report.continues = {Sha256("tip")};
  EXPECT_TRUE(Apply(report, nullptr).ok()) << "a tip that is not known cannot contradict";
  continued_ = {{{Digest(), Row("tls", "a", Verdict::kPass, 1000)}}};
  EXPECT_TRUE(Apply(report, nullptr).ok());
  continued_ = {{{Digest(), Row("tls", "a", Verdict::kFail, 1000)}}};
  ExpectRefused(report, nullptr, "no continued chain");
  continued_ = {{{Digest(), Row("tls", "a", Verdict::kPass, 900)}}};
  ExpectRefused(report, nullptr, "no continued chain");
}

TEST_F(Replay, RefusesWhatBreaksARule) {
  const Branch branch = Begin();
  const Head tls = Row("tls", "a", Verdict::kPass, 1000);
  struct Case {
    const char* problem;
    std::function<void(Report&)> bend;
  };
  const std::vector<Case> cases = {
      {"ledger: another", [](Report& r) { r.ledger = "m"; }},
      {"host: another", [](Report& r) { r.host = std::string(32, '9'); }},
      {"chain: another", [](Report& r) { r.chain = std::string(16, '9'); }},
      {"seq: does not follow", [](Report& r) { ++r.seq; }},
      {"prev: does not follow", [](Report& r) { r.prev = Sha256("x"); }},
      {"no group/5m", [](Report& r) { r.groups["5m"] = Digest(); }},
      {"changed without changed or removed", [](Report& r) { r.groups["1h"] = Digest(); }},
      {"group/24h missing", [](Report& r) { r.context = Sha256("y"), r.groups.erase("24h"); }},
      {"not in the state", [](Report& r) { r.removed = {Sha256("x")}; }},
      {"its head is not known", [](Report& r) { r.changed = {Sha256("x")}; }},
      {"in the state already", [&](Report& r) { r.changed = {HeadDigest(tls)}; }},
      {"the list is not known", [](Report& r) { r.changed_blob = Sha256("x"); }},
      {"state is not that of its heads",
       [&](Report& r) { Put(r, "tls", "b", Verdict::kPass, 1500); }},
      {"a second head",
       [&](Report& r) {
         Put(r, "tls", "a", Verdict::kFail, 1500);
         Seal(r);
       }},
      {"no row of tls",
       [&](Report& r) {
         Drop(r, tls);
         Seal(r);
       }},
      {"does not name params",
       [&](Report& r) {
         Head head = Row("tls", "b", Verdict::kPass, 1500);
         head.params = Sha256("others");
         PutHead(r, head);
         Seal(r);
       }},
      {"of a group not looked at",
       [&](Report& r) {
         Put(r, "tls", "b", Verdict::kPass, 1500);
         Seal(r);
         r.groups.erase("1h");
       }},
  };
  for (const Case& c : cases) {
    Report report = Next(branch, 1500);
    c.bend(report);
    SCOPED_TRACE(c.problem);
    ExpectRefused(report, &branch, c.problem);
  }
}

TEST_F(Replay, RefusesAFirstReportThatDoesNotShowAll) {
  demanded_.emplace_back("tls", Sha256("another profile's"));
  ExpectRefused(first_, nullptr, "no row of tls");
  demanded_.clear();
  ExpectRefused(first_, nullptr, "no params piece");
}

TEST_F(Replay, AnchorNeverGoesBackAndNeverGoesAway) {
  first_.anchor = Anchor{10, Sha256("ten"), Sha256("token")};
  const Branch branch = Begin();
  Report report = Next(branch, 1500);
  ExpectRefused(report, &branch, "left out");
  report.anchor = Anchor{9, Sha256("nine"), Sha256("token")};
  ExpectRefused(report, &branch, "smaller");
  report.anchor = Anchor{10, Sha256("other"), Sha256("token")};
  ExpectRefused(report, &branch, "another tree");
  report.anchor = Anchor{10, Sha256("ten"), Sha256("stamped again")};
  EXPECT_TRUE(Apply(report, &branch).ok());
}

TEST_F(Replay, ANewContextDropsWhatItNoLongerAsks) {
  const Branch branch = Begin();
  context_.groups = {{"24h", {"disk"}}};
  demanded_ = {{"disk", Params("disk")}};
  Report report = Next(branch, 1500);
  report.context = Sha256("smaller");
  report.groups.erase("1h");
  ExpectRefused(report, &branch, "that the context does not name");
  Drop(report, Row("tls", "a", Verdict::kPass, 1000));
  const auto step = Apply(report, &branch);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->undemanded.size(), 1u);
  EXPECT_FALSE(step->branch.states.contains("1h"));
  EXPECT_FALSE(step->branch.looks.contains("1h"));
}

TEST_F(Replay, ExpiredDocumentsAreUnknownFromThen) {
  VerdictInterval interval;
  interval.from = 100;
  interval.to = 300;
  interval.verdict = Verdict::kPass;
  struct Case {
    std::optional<UnixSeconds> valid_until;
    std::vector<std::pair<UnixSeconds, Verdict>> parts;
  };
  for (const Case& c : std::vector<Case>{
           {{}, {{100, Verdict::kPass}}},
           {300, {{100, Verdict::kPass}}},
           {200, {{100, Verdict::kPass}, {200, Verdict::kUnknown}}},
           {100, {{100, Verdict::kUnknown}}},
           {50, {{100, Verdict::kUnknown}}},
       }) {
    interval.valid_until = c.valid_until;
    std::vector<std::pair<UnixSeconds, Verdict>> parts;
    for (const VerdictInterval& part : ApplyExpiry(interval)) {
      parts.emplace_back(part.from, part.verdict);
    }
    EXPECT_EQ(parts, c.parts) << c.valid_until.value_or(0);
  }
}

}  // namespace
}  // namespace tom
