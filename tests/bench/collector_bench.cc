// The collector's costs, in one process and without the network, each beside the least that the
// same work can cost. One line of JSON on standard output, for tests/bench/collector_bench.py.
//
//   tom-bench growth CYCLES     bytes of store for a cycle in which nothing changed
//   tom-bench ingest REPORTS    reports a second, made durable one by one by eight hosts at once
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "collector/server/test_collector.h"

namespace tom {
namespace {

constexpr int kHosts = 8;
constexpr int kWarmUp = 30;
constexpr int kBatch = 8;  // as many as can wait at once

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "tom-bench: %s\n", why.c_str());
  std::exit(1);
}

double FileBytes(const std::string& file) {
  return static_cast<double>(std::filesystem::file_size(file));
}

struct CloseSqlite {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct FinalizeSqlite {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The least that is durable: a table of blobs, inserted with the store's own settings.
class PlainTable {
 public:
  explicit PlainTable(const std::string& file) : file_(file) {
    sqlite3* db = nullptr;
    if (sqlite3_open(file.c_str(), &db) != SQLITE_OK) Stop("sqlite: " + file);
    db_.reset(db);
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA synchronous=FULL");
    Run("CREATE TABLE report (id INTEGER PRIMARY KEY, digest BLOB, bytes BLOB)");
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db, "INSERT INTO report (digest, bytes) VALUES (?, ?)", -1, &insert,
                       nullptr);
    insert_.reset(insert);
  }

  void Run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      Stop(sqlite3_errmsg(db_.get()));
  }

  void Insert(const std::string& digest, const std::string& bytes) {
    sqlite3_bind_blob(insert_.get(), 1, digest.data(), static_cast<int>(digest.size()),
                      SQLITE_STATIC);
    sqlite3_bind_blob(insert_.get(), 2, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_STATIC);
    if (sqlite3_step(insert_.get()) != SQLITE_DONE) Stop(sqlite3_errmsg(db_.get()));
    sqlite3_reset(insert_.get());
  }

  double Close() {
    insert_.reset();
    db_.reset();  // brings the write-ahead log into the file
    return FileBytes(file_);
  }

 private:
  const std::string file_;
  std::unique_ptr<sqlite3, CloseSqlite> db_;
  std::unique_ptr<sqlite3_stmt, FinalizeSqlite> insert_;
};

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
  PlainTable plain(plain_file);
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

using Reports = std::vector<std::vector<SignedReport>>;

double SubmitAll(TestCollector& box, const Reports& reports) {
  std::atomic<int> refused{0};
  const auto start = std::chrono::steady_clock::now();
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
  const double seconds = Seconds(start);
  if (refused > 0) Stop(std::to_string(refused) + " reports were not accepted");
  return seconds;
}

// The same signatures verified by as many threads as there are cores, and then the same bytes
// inserted: what no collector can leave out.
double LeastSeconds(const Fleet& fleet, const Reports& reports) {
  const auto start = std::chrono::steady_clock::now();
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
  PlainTable plain(fleet.box.folder + "/plain.db");
  int open = 0;
  for (const auto& mine : reports) {
    for (const SignedReport& report : mine) {
      if (open == 0) plain.Run("BEGIN");
      plain.Insert(std::string(report.envelope.StatementDigest().Raw()),
                   report.envelope.payload + report.envelope.signature);
      if (++open == kBatch) plain.Run("COMMIT");
      open %= kBatch;
    }
  }
  if (open != 0) plain.Run("COMMIT");
  return Seconds(start);
}

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

}  // namespace
}  // namespace tom

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const int count = argc > 2 ? std::atoi(argv[2]) : 0;
  if (count >= tom::kHosts && mode == "growth") return tom::Growth(count);
  if (count >= tom::kHosts && mode == "ingest") return tom::Ingest(count);
  std::fprintf(stderr, "usage: tom-bench growth CYCLES | ingest REPORTS (at least %d)\n",
               tom::kHosts);
  return 64;
}
