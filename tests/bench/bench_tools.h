// What the measurements of tom-bench share. Wall-clock seconds; a measurement that cannot be made
// ends the program with its reason, never with a figure.
#ifndef TOM_TESTS_BENCH_BENCH_TOOLS_H_
#define TOM_TESTS_BENCH_BENCH_TOOLS_H_

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tom::bench {

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

[[noreturn]] void Stop(const std::string& why);
void Must(const absl::Status& status);
double FileBytes(const std::string& file);
std::string ReadWhole(const std::string& file);

struct CloseSqlite {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct FinalizeSqlite {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// SQLite without us: a table of blobs, inserted with the store's own settings (WAL,
// synchronous=FULL), or the scan of tables that are there.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& file);

  void Run(const char* sql);
  // A table `plain` to insert into.
  void MakeTable();
  void Insert(std::string_view digest, std::string_view bytes);
  // Every column of every row of `table` fetched, in the order of its key; gives the rows.
  int64_t Scan(const std::string& table);
  // SQLite's own reader of JSON over a whole text, which makes nothing of it.
  bool IsJson(std::string_view text);
  // Brings the write-ahead log into the file; gives its size.
  double Close();

 private:
  const std::string file_;
  std::unique_ptr<sqlite3, CloseSqlite> db_;
  std::unique_ptr<sqlite3_stmt, FinalizeSqlite> insert_;
};

}  // namespace tom::bench

#endif  // TOM_TESTS_BENCH_BENCH_TOOLS_H_
