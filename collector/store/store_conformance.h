// What every Store must do, run on each implementation: include it in a test, give a factory,
// instantiate.
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(&MakeSqlite));
#ifndef TOM_COLLECTOR_STORE_STORE_CONFORMANCE_H_
#define TOM_COLLECTOR_STORE_STORE_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "collector/store/store.h"

namespace tom {

// A fresh, empty store.
using StoreFactory = std::unique_ptr<Store> (*)();

class StoreConformance : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    store_ = GetParam()();
    ASSERT_NE(store_, nullptr);
    Write(
        [](StoreTransaction& write) { return write.PutSetting("origin", "ledger.example.org/t"); });
  }

  void Write(const std::function<absl::Status(StoreTransaction&)>& work) {
    const absl::Status status = store_->Write(work);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Read(const std::function<absl::Status(const StoreView&)>& work) {
    const absl::Status status = store_->Read(work);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  HostRow AddHost(const std::string& id) {
    HostRow host;
    host.host = id;
    host.system = "system-" + id.substr(0, 2);
    host.kind = "host";
    host.controllers = {"controller-a", "controller-b"};
    host.identity_spki = "spki " + id;
    host.authorisation = Sha256("authorisation");
    host.enrolment = Sha256("enrolment " + id);
    Write([&](StoreTransaction& write) { return write.AddHost(host); });
    return host;
  }

  // A heartbeat of two groups; `prev` as the chain demands.
  static StoredReport Heartbeat(const BranchRow& branch, uint64_t seq,
                                const std::optional<Digest>& prev, uint64_t leaf) {
    StoredReport stored;
    stored.leaf = leaf;
    stored.branch = branch.id;
    stored.report.groups = {{"1h", Sha256("state 1h")}, {"5m", Sha256("state 5m")}};
    stored.report.ledger = "ledger.example.org/t";
    stored.report.host = branch.tip.host;
    stored.report.chain = branch.tip.chain;
    stored.report.seq = seq;
    stored.report.prev = prev;
    stored.report.observed_at = 1'800'000'000 + static_cast<int64_t>(seq) * 300;
    stored.report.duration_ms = 1234;
    stored.report.clock_offset_ms = -7;
    stored.report.context = Sha256("context");
    stored.report.anchor = Anchor{7, Sha256("root"), Sha256("token")};
    stored.payload = EncodeReport(stored.report);
    stored.digest = StatementDigest(stored.payload);
    stored.counted = stored.report.observed_at;
    stored.signature = "not DER, kept as it is";
    stored.leaf_body = {LeafKind::kReport, stored.digest, stored.counted + 2, branch.tip.host,
                        branch.tip.chain,  seq,           std::nullopt,       RandomId()};
    return stored;
  }

  // Branch, presence and report, as ingest writes them.
  static absl::Status Put(StoreTransaction& write, BranchRow& branch, const StoredReport& report) {
    branch.tip.seq = report.report.seq;
    branch.tip_leaf = report.leaf;
    const absl::Status status =
        branch.id == 0 ? write.AddBranch(branch) : write.UpdateBranch(branch);
    if (!status.ok()) return status;
    for (const auto& [group, state] : report.report.groups) {
      PresenceRow row;
      row.branch = branch.id;
      row.group = group;
      row.to_seq = report.report.seq;
      row.from = 1'800'000'000;
      row.last = report.counted;
      row.until = report.counted + 600;
      row.state = state;
      row.looks = static_cast<int64_t>(report.report.seq) + 1;
      const absl::Status put = write.PutPresence(row);
      if (!put.ok()) return put;
    }
    StoredReport stored = report;
    stored.branch = branch.id;
    return write.AddReport(stored);
  }

  std::unique_ptr<Store> store_;
};

TEST_P(StoreConformance, HostsComeBackAsTheyWere) {
  const std::string id(32, 'a');
  const HostRow host = AddHost(id);
  Read([&](const StoreView& view) {
    const auto found = view.Host(id);
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    EXPECT_EQ(found->system, host.system);
    EXPECT_EQ(found->controllers, host.controllers);
    EXPECT_FALSE(found->retired_leaf.has_value());
    EXPECT_EQ(view.HostByEnrolment(host.enrolment)->id, host.id);
    EXPECT_TRUE(absl::IsNotFound(view.Host(std::string(32, 'b')).status()));
    EXPECT_EQ(*view.EnrolledUnder(host.authorisation, host.system), 1);
    return absl::OkStatus();
  });
}

TEST_P(StoreConformance, AFailedWriteLeavesNothing) {
  const absl::Status status = store_->Write([](StoreTransaction& write) -> absl::Status {
    const absl::Status put = write.PutSetting("name", "value");
    if (!put.ok()) return put;
    return absl::AbortedError("on purpose");
  });
  EXPECT_TRUE(absl::IsAborted(status));
  Read([](const StoreView& view) {
    EXPECT_TRUE(absl::IsNotFound(view.Setting("name").status()));
    return absl::OkStatus();
  });
}

TEST_P(StoreConformance, AFailedPartLeavesTheRest) {
  Write([](StoreTransaction& write) -> absl::Status {
    const absl::Status before = write.PutSetting("before", "1");
    if (!before.ok()) return before;
    const absl::Status part = write.Part([&]() -> absl::Status {
      const absl::Status put = write.PutSetting("inside", "2");
      return put.ok() ? absl::AbortedError("on purpose") : put;
    });
    EXPECT_TRUE(absl::IsAborted(part));
    return absl::OkStatus();
  });
  Read([](const StoreView& view) {
    EXPECT_EQ(*view.Setting("before"), "1");
    EXPECT_TRUE(absl::IsNotFound(view.Setting("inside").status()));
    return absl::OkStatus();
  });
}

TEST_P(StoreConformance, ATokenIsSpentAsOftenAsItSaysAndNoMore) {
  AuthorisationRow row{Sha256("a"), Sha256("secret"), "web-*", {}, "host", 2, 0, 9'000'000'000};
  Write([&](StoreTransaction& write) { return write.AddAuthorisation(row); });
  for (int use = 0; use < 3; ++use) {
    const absl::Status spent = store_->Write(
        [&](StoreTransaction& write) { return write.SpendAuthorisation(row.digest); });
    EXPECT_EQ(spent.ok(), use < 2) << use << " " << spent.ToString();
  }
}

TEST_P(StoreConformance, HeartbeatsAreRebuiltByteForByte) {
  const HostRow host = AddHost(std::string(32, 'c'));
  BranchRow branch;
  branch.host_id = host.id;
  branch.tip.host = host.host;
  branch.tip.chain = "0123456789abcdef";
  std::vector<StoredReport> reports;
  std::optional<Digest> prev;
  for (uint64_t seq = 0; seq < 5; ++seq) {
    reports.push_back(Heartbeat(branch, seq, prev, 10 + seq));
    prev = reports.back().digest;
    Write([&](StoreTransaction& write) { return Put(write, branch, reports.back()); });
  }
  size_t seen = 0;
  Read([&](const StoreView& view) {
    return view.VisitReports(branch.id, 0, UINT64_MAX, [&](const StoredReport& found) {
      EXPECT_EQ(found.payload, reports[seen].payload);
      EXPECT_EQ(found.signature, reports[seen].signature);
      EXPECT_EQ(found.leaf_body, reports[seen].leaf_body);
      EXPECT_EQ(found.leaf, 10 + seen);
      ++seen;
      return absl::OkStatus();
    });
  });
  EXPECT_EQ(seen, reports.size());
  Read([&](const StoreView& view) {
    EXPECT_EQ(view.LastSeqUnder(branch.id, 12)->value(), 1u);
    EXPECT_FALSE(view.LastSeqUnder(branch.id, 10)->has_value());
    EXPECT_EQ(view.LastSeqBefore(branch.id, reports[3].counted)->value(), 2u);
    const auto at = view.BranchAt(branch.id, 2);
    EXPECT_TRUE(at.ok()) << at.status().ToString();
    EXPECT_EQ(at->tip, reports[2].digest);
    EXPECT_EQ(at->states, reports[2].report.groups);
    EXPECT_EQ(at->looks.at("5m"), reports[2].counted);
    return absl::OkStatus();
  });
}

TEST_P(StoreConformance, AReportIsWrittenOnce) {
  const HostRow host = AddHost(std::string(32, 'd'));
  BranchRow branch;
  branch.host_id = host.id;
  branch.tip.host = host.host;
  branch.tip.chain = "0123456789abcdef";
  const StoredReport report = Heartbeat(branch, 0, std::nullopt, 3);
  Write([&](StoreTransaction& write) { return Put(write, branch, report); });
  StoredReport again = report;
  again.leaf = 4;
  const absl::Status status =
      store_->Write([&](StoreTransaction& write) { return Put(write, branch, again); });
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status.ToString();
}

TEST_P(StoreConformance, BlobsAreNamedByTheirDigest) {
  const std::string large(300'000, 'x');
  Write([&](StoreTransaction& write) -> absl::Status {
    for (const std::string& blob : {std::string(), std::string("a\0b", 3), large}) {
      for (int twice = 0; twice < 2; ++twice) {
        const absl::Status status = write.AddBlob(blob);
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  });
  Read([&](const StoreView& view) {
    EXPECT_EQ(*view.Blob(Sha256("")), "");
    EXPECT_EQ(*view.Blob(Sha256(std::string("a\0b", 3))), std::string("a\0b", 3));
    EXPECT_EQ(*view.Blob(Sha256(large)), large);
    EXPECT_TRUE(absl::IsNotFound(view.Blob(Sha256("other")).status()));
    return absl::OkStatus();
  });
}

TEST_P(StoreConformance, TheHeadMovesOnlyFromWhereItStands) {
  LedgerHead first;
  first.root = merkle::EmptyRoot();
  first.note = "first";
  Write([&](StoreTransaction& write) { return write.SwapHead(LedgerHead(), first); });
  LedgerHead second = first;
  second.size = 1;
  second.root = Sha256("one");
  second.note = "second";
  Write([&](StoreTransaction& write) { return write.SwapHead(first, second); });
  const absl::Status stale =
      store_->Write([&](StoreTransaction& write) { return write.SwapHead(first, second); });
  EXPECT_TRUE(absl::IsAborted(stale)) << stale.ToString();
  const absl::Status anew =
      store_->Write([&](StoreTransaction& write) { return write.SwapHead(LedgerHead(), first); });
  EXPECT_FALSE(anew.ok());
}

// Against the recursive definition of RFC 6962 section 2.1, over sizes that cross tiles.
TEST_P(StoreConformance, TilesGiveTheRootOfEverySize) {
  std::vector<Digest> leaves;
  for (int i = 0; i < 1100; ++i) leaves.push_back(merkle::LeafHash(std::to_string(i)));
  const std::function<Digest(size_t, size_t)> root = [&](size_t from, size_t to) {
    if (to - from == 1) return leaves[from];
    size_t split = 1;
    while (split * 2 < to - from) split *= 2;
    return merkle::NodeHash(root(from, from + split), root(from + split, to));
  };
  size_t written = 0;
  for (const size_t size : {1, 2, 3, 255, 256, 257, 511, 513, 1024, 1100}) {
    const std::vector<Digest> batch(leaves.begin() + written, leaves.begin() + size);
    written = size;
    Write([&](StoreTransaction& write) { return write.AppendLeaves(batch); });
    Read([&](const StoreView& view) -> absl::Status {
      const auto found = merkle::RootAt(
          size, [&](const std::vector<merkle::NodeId>& nodes) { return view.Nodes(nodes); });
      EXPECT_TRUE(found.ok()) << size << " " << found.status().ToString();
      EXPECT_EQ(found->Hex(), root(0, size).Hex()) << size;
      return absl::OkStatus();
    });
  }
}

TEST_P(StoreConformance, IntervalsStandUntilTheyAreClosed) {
  const HostRow host = AddHost(std::string(32, 'e'));
  BranchRow branch;
  branch.host_id = host.id;
  branch.tip.host = host.host;
  branch.tip.chain = "0123456789abcdef";
  IntervalRow row;
  row.interval.key = {"check-a", Sha256("params"), std::string(32, '1')};
  row.interval.from = 1000;
  row.interval.to = kForever;
  row.interval.verdict = Verdict::kFail;
  row.interval.scope = {"shared"};
  row.interval.head = Sha256("head");
  row.interval.check_digest = Sha256("check");
  Write([&](StoreTransaction& write) -> absl::Status {
    const absl::Status status = write.AddBranch(branch);
    if (!status.ok()) return status;
    row.branch = branch.id;
    return write.PutInterval(row);
  });
  Read([&](const StoreView& view) {
    EXPECT_EQ(view.OpenIntervals(branch.id)->size(), 1u);
    EXPECT_EQ(view.Intervals(host.host, {0, 1000})->size(), 0u);
    EXPECT_EQ(view.Intervals(host.host, {0, 1001})->front().interval.key, row.interval.key);
    return absl::OkStatus();
  });
  row.interval.to = 2000;
  row.interval.end = IntervalEnd::kRemoved;
  row.closed_by = 9;
  Write([&](StoreTransaction& write) { return write.PutInterval(row); });
  Read([&](const StoreView& view) {
    EXPECT_EQ(view.OpenIntervals(branch.id)->size(), 0u);
    EXPECT_EQ(view.Intervals(host.host, {1999, 3000})->size(), 1u);
    EXPECT_EQ(view.Intervals(host.host, {2000, 3000})->size(), 0u);
    return absl::OkStatus();
  });
}

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_STORE_CONFORMANCE_H_
