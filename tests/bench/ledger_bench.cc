// Entries appended to the ledger, each durable before its writer goes on: leaf, tiles, root, signed
// checkpoint and statement in one transaction of the sequencer, group commit.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/ledger/sequencer.h"
#include "collector/server/test_collector.h"
#include "collector/store/sqlite_store.h"
#include "evidence/scope_statements.h"
#include "tests/bench/bench_modes.h"
#include "tests/bench/bench_tools.h"

namespace tom::bench {
namespace {

constexpr int kWriters = 64;
constexpr int kRounds = 3;

// The store, counting what the yardstick has to do as often.
class CountingStore : public Store {
 public:
  explicit CountingStore(Store& store) : store_(store) {}
  absl::Status Read(const std::function<absl::Status(const StoreView&)>& work) override {
    return store_.Read(work);
  }
  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override {
    ++transactions;
    return store_.Write(work);
  }
  std::atomic<int> transactions{0};

 private:
  Store& store_;
};

std::vector<Envelope> MakeStatements(const TestCollector& box, int count) {
  const PrivateKey key = PrivateKey::Generate(KeyKind::kEd25519).value();
  std::vector<Envelope> statements;
  statements.reserve(count);
  for (int i = 0; i < count; ++i) {
    Tick tick;
    tick.common = {box.origin(), std::nullopt, RandomId()};
    tick.size = static_cast<uint64_t>(i);
    statements.push_back(
        SignEnvelope(EncodeKindStatement(Kind::kTick, ToPredicate(tick)), key).value());
  }
  return statements;
}

// Every writer has one entry on its way at a time.
double AppendAll(Sequencer& sequencer, const std::vector<Envelope>& statements) {
  std::atomic<size_t> next{0};
  const Stopwatch watch;
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      for (size_t mine = next++; mine < statements.size(); mine = next++) {
        Must(sequencer.Run([&](LedgerWriter& ledger) {
          return ledger.AppendStatement(Kind::kTick, statements[mine], std::nullopt).status();
        }));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  return watch.Seconds();
}

// The same statements in as many transactions, into a table without anything else.
double LeastSeconds(const std::string& file, const std::vector<Envelope>& statements,
                    int transactions) {
  PlainSqlite plain(file);
  plain.MakeTable();
  const Stopwatch watch;
  const auto count = static_cast<int64_t>(statements.size());
  int64_t done = 0;
  for (int64_t i = 0; i < transactions; ++i) {
    plain.Run("BEGIN IMMEDIATE");
    for (const int64_t until = count * (i + 1) / transactions; done < until; ++done) {
      const Envelope& one = statements[done];
      plain.Insert(one.StatementDigest().Raw(), one.payload + one.signature);
    }
    plain.Run("COMMIT");
  }
  return watch.Seconds();
}

}  // namespace

int LedgerAppend(int entries) {
  TestCollector box;
  const std::vector<Envelope> statements = MakeStatements(box, entries);
  const PrivateKey& key = box.collector->state().log_key;
  double ours = 0;
  double least = 0;
  int transactions = 0;
  for (int round = 0; round < kRounds; ++round) {  // by turns: what else runs here meets both
    const std::string file = absl::StrCat(box.folder, "/ledger-", round, ".db");
    const std::unique_ptr<Store> store = OpenSqliteStore(file).value();
    if (!StartLedger(*store, box.origin(), key).ok()) Stop("the ledger does not start");
    CountingStore counting(*store);
    {
      Sequencer sequencer(counting, box.origin(), PrivateKey::FromPem(key.ToPem()).value(),
                          box.clock.Get());
      ours += AppendAll(sequencer, statements);
    }
    least += LeastSeconds(file + ".plain", statements, counting.transactions);
    transactions += counting.transactions;
  }
  const double all = static_cast<double>(entries) * kRounds;
  std::printf(
      "{\"per_second\": %.1f, \"limit_per_second\": %.1f, \"entries_a_transaction\": %.1f}\n",
      all / ours, all / least, all / transactions);
  return 0;
}

}  // namespace tom::bench
