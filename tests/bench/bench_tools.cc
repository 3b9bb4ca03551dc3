#include "tests/bench/bench_tools.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace tom::bench {

void Stop(const std::string& why) {
  std::fprintf(stderr, "tom-bench: %s\n", why.c_str());
  std::exit(1);
}

void Must(const absl::Status& status) {
  if (!status.ok()) Stop(status.ToString());
}

double FileBytes(const std::string& file) {
  return static_cast<double>(std::filesystem::file_size(file));
}

std::string ReadWhole(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) Stop(file + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

PlainSqlite::PlainSqlite(const std::string& file) : file_(file) {
  sqlite3* db = nullptr;
  const int opened = sqlite3_open(file.c_str(), &db);
  db_.reset(db);
  if (opened != SQLITE_OK) Stop("sqlite: " + file);
  Run("PRAGMA journal_mode=WAL");
  Run("PRAGMA synchronous=FULL");
}

void PlainSqlite::MakeTable() {
  Run("CREATE TABLE plain (id INTEGER PRIMARY KEY, digest BLOB, bytes BLOB)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db_.get(), "INSERT INTO plain (digest, bytes) VALUES (?, ?)", -1, &insert,
                     nullptr);
  insert_.reset(insert);
}

void PlainSqlite::Run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    Stop(sqlite3_errmsg(db_.get()));
  }
}

void PlainSqlite::Insert(std::string_view digest, std::string_view bytes) {
  sqlite3_bind_blob(insert_.get(), 1, digest.data(), static_cast<int>(digest.size()),
                    SQLITE_STATIC);
  sqlite3_bind_blob(insert_.get(), 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  if (sqlite3_step(insert_.get()) != SQLITE_DONE) Stop(sqlite3_errmsg(db_.get()));
  sqlite3_reset(insert_.get());
}

int64_t PlainSqlite::Scan(const std::string& table) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(db_.get(), absl::StrCat("SELECT * FROM ", table).c_str(), -1, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, FinalizeSqlite> select(raw);
  int64_t rows = 0;
  int64_t bytes = 0;
  while (sqlite3_step(select.get()) == SQLITE_ROW) {
    ++rows;
    for (int i = 0; i < sqlite3_column_count(select.get()); ++i) {
      bytes += sqlite3_column_bytes(select.get(), i);
    }
  }
  if (sqlite3_errcode(db_.get()) != SQLITE_DONE) Stop(sqlite3_errmsg(db_.get()));
  if (rows > 0 && bytes == 0) Stop(table + ": empty rows");
  return rows;
}

bool PlainSqlite::IsJson(std::string_view text) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(db_.get(), "SELECT json_valid(?)", -1, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, FinalizeSqlite> select(raw);
  sqlite3_bind_text(select.get(), 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  if (sqlite3_step(select.get()) != SQLITE_ROW) Stop(sqlite3_errmsg(db_.get()));
  return sqlite3_column_int(select.get(), 0) == 1;
}

double PlainSqlite::Close() {
  insert_.reset();
  db_.reset();
  return FileBytes(file_);
}

}  // namespace tom::bench
