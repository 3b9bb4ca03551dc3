// Growth of the store and rate of ingest.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/server/test_collector.h"
#include "tests/bench/bench_modes.h"
#include "tests/bench/bench_tools.h"

namespace tom::bench {
namespace {

constexpr int kHosts = 8;
constexpr int kWarmUp = 30;
constexpr int kBatch = 8;  // as many as can wait at once

struct Fleet {
  TestCollector box;
  std::vector<TestHost> hosts;

  Fleet() {
    hosts.reserve(kHosts);
    for (int i = 0; i < kHosts; ++i) hosts.push_back(box.Enrol("web-" + std::to_string(i)));
    for (int i = 0; i < kWarmUp; ++i) Cycle();
  }

  void Cycle() {
    for (TestHost& host : hosts) {
      if (box.Submit(host.Next(box.clock.Get()())).status != AckStatus::kAccepted)
        Stop("a report was not accepted");
    }
    box.clock.Advance(300);
  }
};

}  // namespace

int Growth(int cycles) {
  Fleet fleet;
  const std::string file = fleet.box.folder + "/state/store.db";
  fleet.box.Open();  // closing brings the write-ahead log into the file
  const double before = FileBytes(file);
  for (int i = 0; i < cycles / kHosts; ++i) fleet.Cycle();
  fleet.box.Open();
  const double bytes = (FileBytes(file) - before) / (cycles / kHosts * kHosts);
  // Nobody can do with less than the statement's digest and its signature.
  const std::string plain_file = fleet.box.folder + "/plain.db";
  PlainSqlite plain(plain_file);
  plain.MakeTable();
  plain.Run("BEGIN");
  const SignedReport report = fleet.hosts[0].Next(fleet.box.clock.Get()());
  const std::string digest(report.envelope.StatementDigest().Raw());
  for (int i = 0; i < cycles; ++i) {
    plain.Insert(digest, report.envelope.signature);
  }
  plain.Run("COMMIT");
  std::printf("{\"bytes\": %.2f, \"least\": %.2f, \"cycles\": %d}\n", bytes, plain.Close() / cycles,
              cycles);
  return 0;
}

namespace {

using Reports = std::vector<std::vector<SignedReport>>;

double SubmitAll(TestCollector& box, const Reports& reports) {
  std::atomic<int> refused{0};
  const Stopwatch watch;
  std::vector<std::thread> threads;
  threads.reserve(reports.size());
  for (const auto& mine : reports) {
    threads.emplace_back([&box, &mine, &refused] {
      for (const SignedReport& report : mine) {
        if (box.Submit(report).status != AckStatus::kAccepted) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = watch.Seconds();
  if (refused > 0) Stop(absl::StrCat(refused.load(), " reports were not accepted"));
  return seconds;
}

// The same signatures verified by as many threads as there are cores, and then the same bytes
// inserted: what no collector can leave out.
double LeastSeconds(const Fleet& fleet, const Reports& reports) {
  const Stopwatch watch;
  std::vector<std::thread> threads;
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  threads.reserve(cores);
  for (size_t core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      for (size_t i = core; i < reports.size(); i += cores) {
        for (const SignedReport& report : reports[i]) {
          if (!VerifyEnvelope(report.envelope, fleet.hosts[i].key().public_key()).ok())
            Stop("a signature does not verify");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  PlainSqlite plain(fleet.box.folder + "/plain.db");
  plain.MakeTable();
  int open = 0;
  for (const auto& mine : reports) {
    for (const SignedReport& report : mine) {
      if (open == 0) plain.Run("BEGIN");
      plain.Insert(report.envelope.StatementDigest().Raw(),
                   report.envelope.payload + report.envelope.signature);
      if (++open == kBatch) plain.Run("COMMIT");
      open %= kBatch;
    }
  }
  if (open != 0) plain.Run("COMMIT");
  return watch.Seconds();
}

}  // namespace

int Ingest(int count) {
  Fleet fleet;
  Reports reports(kHosts);
  UnixSeconds at = fleet.box.clock.Get()();
  const int each = count / kHosts;
  for (int i = 0; i < each; ++i, ++at) {
    for (int host = 0; host < kHosts; ++host) reports[host].push_back(fleet.hosts[host].Next(at));
  }
  fleet.box.clock.Advance(each);
  const double ours = SubmitAll(fleet.box, reports);
  const double least = LeastSeconds(fleet, reports);
  const int all = each * kHosts;
  std::printf("{\"per_second\": %.1f, \"limit_per_second\": %.1f, \"reports\": %d}\n", all / ours,
              all / least, all);
  return 0;
}

}  // namespace tom::bench
