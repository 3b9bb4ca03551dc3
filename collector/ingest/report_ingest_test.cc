#include "collector/ingest/report_ingest.h"

#include <gtest/gtest.h>

#include "collector/server/test_collector.h"
#include "evidence/checkpoint.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

class ReportIngestTest : public testing::Test {
 protected:
  uint64_t LedgerSize() {
    uint64_t size = 0;
    EXPECT_TRUE(box_.collector->store()
                    .Read([&](const StoreView& view) {
                      size = view.Head()->size;
                      return absl::OkStatus();
                    })
                    .ok());
    return size;
  }

  std::vector<NoticeRow> Notices() {
    std::vector<NoticeRow> notices;
    EXPECT_TRUE(box_.collector->store()
                    .Read([&](const StoreView& view) {
                      notices = view.Notices().value();
                      return absl::OkStatus();
                    })
                    .ok());
    return notices;
  }

  std::vector<IntervalRow> Intervals(const TestHost& host) {
    std::vector<IntervalRow> rows;
    EXPECT_TRUE(box_.collector->store()
                    .Read([&](const StoreView& view) {
                      rows = view.Intervals(host.host(), {0, kForever}).value();
                      return absl::OkStatus();
                    })
                    .ok());
    return rows;
  }

  UnixSeconds Now() { return box_.clock.Get()(); }

  TestCollector box_;
};

TEST_F(ReportIngestTest, AcceptsAChainAndKeepsItsBytes) {
  TestHost host = box_.Enrol("web-1");
  std::vector<SignedReport> sent;
  for (int i = 0; i < 6; ++i) {
    if (i == 3) host.SetVerdict("check-1h", Verdict::kFail);
    sent.push_back(host.Next(Now()));
    const AckResult ack = box_.Submit(sent.back());
    EXPECT_EQ(ack.status, AckStatus::kAccepted) << i << " " << ack.reason;
    EXPECT_EQ(ack.digest, sent.back().envelope.StatementDigest());
    box_.clock.Advance(300);
  }
  ASSERT_TRUE(box_.collector->store()
                  .Read([&](const StoreView& view) -> absl::Status {
                    const auto branches = view.Branches(host.host());
                    if (!branches.ok()) return branches.status();
                    EXPECT_EQ(branches->size(), 1u);
                    size_t at = 0;
                    return view.VisitReports(
                        branches->front().id, 0, UINT64_MAX, [&](const StoredReport& found) {
                          EXPECT_EQ(found.payload, sent[at].envelope.payload);
                          EXPECT_EQ(found.signature, sent[at].envelope.signature);
                          ++at;
                          return absl::OkStatus();
                        });
                  })
                  .ok());
  // Three rows at first; one of them closed and opened anew as a fail.
  EXPECT_EQ(Intervals(host).size(), 4u);
}

TEST_F(ReportIngestTest, ADuplicateChangesNothing) {
  TestHost host = box_.Enrol("web-1");
  const SignedReport first = host.Next(Now());
  EXPECT_EQ(box_.Submit(first).status, AckStatus::kAccepted);
  const uint64_t size = LedgerSize();
  box_.clock.Advance(10);
  EXPECT_EQ(box_.Submit(first).status, AckStatus::kDuplicate);
  EXPECT_EQ(LedgerSize(), size);
  EXPECT_TRUE(Notices().empty());
}

TEST_F(ReportIngestTest, AForkKeepsBothBranchesAndIsANotice) {
  TestHost host = box_.Enrol("web-1");
  EXPECT_EQ(box_.Submit(host.Next(Now())).status, AckStatus::kAccepted);
  TestHost restored = host;  // a snapshot
  box_.clock.Advance(300);
  const SignedReport left = host.Next(Now());
  EXPECT_EQ(box_.Submit(left).status, AckStatus::kAccepted);
  box_.clock.Advance(300);
  restored.SetVerdict("check-5m", Verdict::kFail);
  const AckResult fork = box_.Submit(restored.Next(Now()));
  EXPECT_EQ(fork.status, AckStatus::kFork) << fork.reason;
  EXPECT_EQ(fork.other, left.envelope.StatementDigest().Hex());
  // Both go on, each with its own state.
  box_.clock.Advance(300);
  EXPECT_EQ(box_.Submit(host.Next(Now())).status, AckStatus::kAccepted);
  EXPECT_EQ(box_.Submit(restored.Next(Now())).status, AckStatus::kAccepted);
  ASSERT_EQ(Notices().size(), 1u);
  EXPECT_EQ(Notices().front().kind, "fork");
  int standing_fails = 0;
  int standing = 0;
  for (const IntervalRow& row : Intervals(host)) {
    if (row.interval.to != kForever) continue;
    ++standing;
    if (row.interval.verdict == Verdict::kFail) ++standing_fails;
  }
  EXPECT_EQ(standing, 6);  // three a branch
  EXPECT_EQ(standing_fails, 1);
}

TEST_F(ReportIngestTest, ANewChainTakesOverWhatItContinues) {
  TestHost host = box_.Enrol("web-1");
  EXPECT_EQ(box_.Submit(host.Next(Now())).status, AckStatus::kAccepted);
  const UnixSeconds began = Now();
  box_.clock.Advance(300);
  TestHost same = host;
  same.NewChain({*host.tip()});
  const AckResult ack = box_.Submit(same.Next(Now()));
  EXPECT_EQ(ack.status, AckStatus::kAccepted) << ack.reason;
  int closed = 0;
  for (const IntervalRow& row : Intervals(host)) {
    if (row.interval.to == kForever) continue;
    ++closed;
    EXPECT_EQ(row.interval.from, began);
  }
  EXPECT_EQ(closed, 3);  // `since` of the new heads differs, so they are other heads
}

TEST_F(ReportIngestTest, WhatComesTooEarlyIsHeldThenAGap) {
  TestHost host = box_.Enrol("web-1");
  EXPECT_EQ(box_.Submit(host.Next(Now())).status, AckStatus::kAccepted);
  const SignedReport lost = host.Next(Now() + 300);
  const SignedReport early = host.Next(Now() + 600);
  EXPECT_EQ(box_.Submit(early).status, AckStatus::kHeld);
  box_.clock.Advance(limits::kHeldSeconds - 1);
  EXPECT_EQ(box_.Submit(early).status, AckStatus::kHeld);
  box_.clock.Advance(1);
  const AckResult gap = box_.Submit(early);
  EXPECT_EQ(gap.status, AckStatus::kRejected);
  EXPECT_NE(gap.reason.find("gap"), std::string::npos) << gap.reason;
  ASSERT_EQ(Notices().size(), 1u);
  EXPECT_EQ(Notices().front().kind, "gap");
  EXPECT_EQ(box_.Submit(lost).status, AckStatus::kAccepted);  // late, yet it is the next one
}

struct Forgery {
  const char* name;
  SignedReport report;
  const char* reason;
};

// `good` with one thing changed in its predicate, signed again by the host itself.
template <typename Change>
SignedReport Resigned(const TestHost& host, const SignedReport& good, Change change) {
  SignedReport report = good;
  change(report.report);
  report.envelope = host.Sign(EncodeReport(report.report));
  report.report.host = host.host();  // the caller stays who it is
  return report;
}

std::vector<Forgery> Forgeries(const TestHost& host, const TestHost& other,
                               const SignedReport& good) {
  SignedReport swapped = good;
  swapped.envelope.signature = other.Sign(good.envelope.payload).signature;
  SignedReport flipped = good;
  flipped.envelope.payload[flipped.envelope.payload.size() / 2] ^= 1;
  SignedReport trailing = good;
  trailing.envelope = host.Sign(good.envelope.payload + "\n");
  return {
      {"signature of another host", swapped, "signature"},
      {"a flipped byte", flipped, "signature"},
      {"a trailing byte, signed", trailing, ""},
      {"another ledger",
       Resigned(host, good, [](Report& report) { report.ledger = "other.example.org/t"; }),
       "predicate.ledger"},
      {"another host's id",
       Resigned(host, good, [&](Report& report) { report.host = other.host(); }), "predicate.host"},
      {"a state that its heads do not give",
       Resigned(host, good, [](Report& report) { report.groups["1h"] = Sha256("wrong"); }),
       "state"},
      {"a heartbeat as the first of a chain",
       Resigned(host, good, [](Report& report) { report.changed.clear(); }), ""},
  };
}

TEST_F(ReportIngestTest, ForgeriesAreRejectedForGood) {
  TestHost host = box_.Enrol("web-1");
  const TestHost other = box_.Enrol("web-2");
  const SignedReport good = host.Next(Now());
  const uint64_t size = LedgerSize();
  for (const Forgery& forgery : Forgeries(host, other, good)) {
    const AckResult ack = box_.Submit(forgery.report);
    EXPECT_EQ(ack.status, AckStatus::kRejected) << forgery.name;
    EXPECT_NE(ack.reason.find(forgery.reason), std::string::npos)
        << forgery.name << ": " << ack.reason;
  }
  EXPECT_EQ(LedgerSize(), size);
  EXPECT_EQ(box_.Submit(good).status, AckStatus::kAccepted);
}

TEST_F(ReportIngestTest, AMissingBlobMayStillBeSent) {
  TestHost host = box_.Enrol("web-1");
  const SignedReport report = host.Next(Now());
  for (size_t missing = 0; missing < report.blobs.size(); ++missing) {
    std::vector<std::string> blobs = report.blobs;
    blobs.erase(blobs.begin() + static_cast<std::ptrdiff_t>(missing));
    const auto ack = box_.collector->reports().Submit(host.host(), report.envelope, blobs);
    EXPECT_TRUE(absl::IsFailedPrecondition(ack.status())) << missing << " " << ack.status();
    EXPECT_NE(ack.status().message().find(ToAbsl(Sha256(report.blobs[missing]).Hex())),
              absl::string_view::npos);
  }
  for (const std::string& blob : report.blobs) {
    EXPECT_TRUE(box_.collector->reports().PutBlob(host.host(), blob).ok());
  }
  const auto ack = box_.collector->reports().Submit(host.host(), report.envelope, {});
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->status, AckStatus::kAccepted) << ack->reason;
}

TEST_F(ReportIngestTest, OneHostsBudgetHarmsNoOther) {
  TestHost host = box_.Enrol("web-1");
  TestHost other = box_.Enrol("web-2");
  absl::Status status;
  int taken = 0;
  for (int i = 0; i < 30 && status.ok(); ++i) {
    status = box_.collector->reports()
                 .PutBlob(host.host(), std::string(1 << 20, static_cast<char>('a' + i)))
                 .status();
    if (status.ok()) ++taken;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(taken, 20);
  EXPECT_EQ(box_.Submit(other.Next(Now())).status, AckStatus::kAccepted);
  box_.clock.Advance(kDay);
  EXPECT_TRUE(box_.collector->reports().PutBlob(host.host(), "next day").ok());
}

TEST_F(ReportIngestTest, SurvivesARestart) {
  TestHost host = box_.Enrol("web-1");
  const SignedReport first = host.Next(Now());
  EXPECT_EQ(box_.Submit(first).status, AckStatus::kAccepted);
  box_.Open();
  EXPECT_EQ(box_.Submit(first).status, AckStatus::kDuplicate);
  box_.clock.Advance(300);
  EXPECT_EQ(box_.Submit(host.Next(Now())).status, AckStatus::kAccepted);
}

TEST_F(ReportIngestTest, AClockThatIsAheadCountsFromReceipt) {
  TestHost host = box_.Enrol("web-1");
  EXPECT_EQ(box_.Submit(host.Next(Now() + kDay)).status, AckStatus::kAccepted);
  ASSERT_TRUE(box_.collector->store()
                  .Read([&](const StoreView& view) {
                    EXPECT_EQ(view.Branches(host.host())->front().tip.counted, Now());
                    return absl::OkStatus();
                  })
                  .ok());
}

}  // namespace
}  // namespace tom
