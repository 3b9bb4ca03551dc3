// What ingest kept row by row must be what the verifier computes from the reports themselves.
#include "collector/assessment/assemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "collector/assessment/views.h"
#include "collector/server/test_collector.h"
#include "evidence/limits.h"

namespace tom {
namespace {

// The verifier's way: replay over the statements.
class Replayer {
 public:
  void Take(const SignedReport& signed_report, UnixSeconds received_at, bool new_chain) {
    for (const std::string& blob : signed_report.blobs) {
      const auto head = ParseHead(blob);
      if (head.ok()) heads_.emplace(Sha256(blob), *head);
    }
    Context context;
    context.groups = {{"5m", {"check-5m"}}, {"1h", {"check-1h"}}, {"24h", {"check-24h"}}};
    ReplayInput input;
    input.before = new_chain ? nullptr : &branch_;
    input.report = &signed_report.report;
    input.digest = signed_report.envelope.StatementDigest();
    input.context = &context;
    for (const auto& [interval, checks] : context.groups) {
      input.demanded.emplace_back(checks.front(), ParamsDigest({}));
    }
    input.current = &current_;
    input.lookup = [this](const Digest& digest) { return &heads_.at(digest); };
    const std::map<Digest, Head> old = current_;
    if (new_chain) input.continued = {&old};
    input.time.received_at = received_at;
    input.anchor_max_seconds = limits::kDefaultAnchorMaxSeconds;
    const auto step = ApplyReport(input);
    ASSERT_TRUE(step.ok()) << step.status();
    if (new_chain) current_.clear();
    for (const Head& head : step->closed) current_.erase(HeadDigest(head));
    for (const Head& head : step->opened) current_.emplace(HeadDigest(head), head);
    ASSERT_TRUE(builder.Add(*step, signed_report.report.prev, signed_report.report.continues));
    branch_ = step->branch;
  }

  IntervalBuilder builder;

 private:
  Branch branch_;
  std::map<Digest, Head> heads_;
  std::map<Digest, Head> current_;
};

using Flat = std::tuple<std::string, UnixSeconds, UnixSeconds, int, std::string, int>;

std::vector<Flat> Flatten(const std::vector<VerdictInterval>& intervals) {
  std::vector<Flat> flat;
  for (const VerdictInterval& interval : intervals) {
    flat.emplace_back(interval.key.check, interval.from, interval.to,
                      static_cast<int>(interval.verdict), interval.head.Hex(),
                      static_cast<int>(interval.end));
  }
  std::sort(flat.begin(), flat.end());
  return flat;
}

std::map<std::pair<std::string, bool>, TimeSet> Sets(const std::vector<PresenceInterval>& parts) {
  std::map<std::pair<std::string, bool>, TimeSet> sets;
  for (const PresenceInterval& part : parts) {
    sets[{part.interval, part.anchored}].Add({part.from, part.to});
  }
  return sets;
}

TEST(Assemble, RowsAreWhatReplayGives) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::mt19937 random(seed);
    TestCollector box;
    TestHost host = box.Enrol("web-1");
    Replayer replayer;
    for (int i = 0; i < 60; ++i) {
      const bool new_chain = i == 0 || random() % 20 == 0;
      if (new_chain && i > 0) host.NewChain({*host.tip()});
      for (const char* check : {"check-5m", "check-1h", "check-24h"}) {
        if (random() % 5 == 0) host.SetVerdict(check, static_cast<Verdict>(random() % 4));
      }
      // Mostly on time; sometimes silence, sometimes a clock that runs ahead or falls behind.
      const int64_t skew = random() % 10 == 0 ? static_cast<int64_t>(random() % 4000) - 2000 : 0;
      const SignedReport report = host.Next(box.clock.Get()() + skew);
      replayer.Take(report, box.clock.Get()(), new_chain);
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " report " << i;
      const AckResult ack = box.Submit(report);
      ASSERT_EQ(ack.status, AckStatus::kAccepted) << seed << " " << i << " " << ack.reason;
      box.clock.Advance(random() % 8 == 0 ? 5000 : 300);
    }
    ASSERT_TRUE(
        box.collector->store()
            .Read([&](const StoreView& view) -> absl::Status {
              const auto row = view.Host(host.host());
              const auto got =
                  HostAssembler(view, ActsAt({}), {0, TestCollector::kStart * 2}).Assemble(*row);
              EXPECT_TRUE(got.ok()) << got.status();
              EXPECT_EQ(Flatten(got->verdicts), Flatten(replayer.builder.Verdicts()))
                  << "seed " << seed;
              EXPECT_EQ(Sets(got->presence), Sets(replayer.builder.Presence())) << "seed " << seed;
              EXPECT_EQ(got->params.size(), 3u);
              return absl::OkStatus();
            })
            .ok());
  }
}

TEST(ActsAt, IsTheFirstStampThatCoversTheLeaf) {
  EXPECT_EQ(ActsAt({}).Of(5, 77), 77);
  const ActsAt acts_at({{3, {}, "", "", 100}, {8, {}, "", "", 200}});
  EXPECT_EQ(acts_at.Of(2, 77), 100);
  EXPECT_EQ(acts_at.Of(3, 77), 200);
  EXPECT_EQ(acts_at.Of(7, 77), 200);
  EXPECT_EQ(acts_at.Of(8, 77), kForever);
}

}  // namespace
}  // namespace tom
