// Files of SQLite that others keep: real ones, made by SQLite, looked at through the real door.
#include "checks/engine/sqlite_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/env/env_posix.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

class SqliteFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sqlite_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    env_ = *OpenPosixEnv(RootMode::kDeadTree, root_);
  }
  void TearDown() override {
    sqlite3_close(database_);
    fs::remove_all(root_);
  }

  void Do(const std::string& sql) {
    if (database_ == nullptr) {
      ASSERT_EQ(sqlite3_open((root_ / "a.db").c_str(), &database_), SQLITE_OK);
    }
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  }
  void Leave() {
    sqlite3_close(database_);
    database_ = nullptr;
  }

  // Names, sizes and times of the folder and all in it.
  std::string State() const {
    std::ostringstream text;
    const auto add = [&](const fs::path& path) {
      struct stat info;
      lstat(path.c_str(), &info);
      text << path << " " << info.st_size << " " << info.st_mtim.tv_sec << "."
           << info.st_mtim.tv_nsec << " " << info.st_atim.tv_nsec << " " << info.st_ctim.tv_nsec
           << "\n";
    };
    for (const auto& entry : fs::directory_iterator(root_)) {
      if (entry.is_regular_file()) add(entry.path());
    }
    return text.str();
  }

  std::string Ask(const std::string& query, const std::string& path = "/a.db") {
    SqliteRequest request;
    request.path = path;
    request.query = query;
    const auto rows = AskSqliteFile(*env_, request);
    if (!rows.ok()) return std::string(absl::StatusCodeToString(rows.status().code()));
    if (!rows->error.empty()) return "error: " + rows->error;
    std::string text;
    for (const auto& row : rows->rows) {
      for (const auto& cell : row) text += cell.value_or("NULL") + "|";
    }
    return text;
  }

  fs::path root_;
  std::unique_ptr<Env> env_;
  sqlite3* database_ = nullptr;
};

TEST_F(SqliteFileTest, ReadsAndLeavesNoTrace) {
  Do("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
  Leave();
  const std::string before = State();
  EXPECT_EQ(Ask("SELECT * FROM t ORDER BY a"), "1|x|2|NULL|");
  EXPECT_EQ(Ask("SELECT count(*) FROM t;"), "2|");
  EXPECT_EQ(State(), before);
}

TEST_F(SqliteFileTest, ReadsWhatStandsInAWriteAheadLog) {
  Do("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (a)");
  Do("INSERT INTO t VALUES (1)");
  ASSERT_GT(fs::file_size(root_ / "a.db-wal"), 0u);
  const std::string before = State();
  EXPECT_EQ(Ask("SELECT a FROM t"), "1|");
  EXPECT_EQ(State(), before);
  Do("INSERT INTO t VALUES (2)");
  EXPECT_EQ(Ask("SELECT a FROM t"), "1|2|");
  Leave();
  const std::string closed = State();
  EXPECT_EQ(Ask("SELECT a FROM t"), "1|2|");
  EXPECT_EQ(State(), closed);
  EXPECT_FALSE(fs::exists(root_ / "a.db-wal"));
  EXPECT_FALSE(fs::exists(root_ / "a.db-shm"));
}

TEST_F(SqliteFileTest, AnUnfinishedTransactionIsNotRolledBack) {
  Do("PRAGMA cache_size=1; CREATE TABLE t (a)");
  Do("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
     " INSERT INTO t SELECT hex(i) FROM n");
  // Spilled into the file before its end: the journal is synced, and hot.
  Do("BEGIN IMMEDIATE; UPDATE t SET a = 'changed' || a; PRAGMA cache_spill=1");
  ASSERT_TRUE(fs::exists(root_ / "a.db-journal"));
  {
    std::fstream journal(root_ / "a.db-journal", std::ios::in | std::ios::out | std::ios::binary);
    journal.write("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  }
  const std::string before = State();
  EXPECT_EQ(Ask("SELECT count(*) FROM t"), "FAILED_PRECONDITION");
  EXPECT_EQ(State(), before);
}

TEST_F(SqliteFileTest, NothingButOneReadingStatement) {
  Do("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  Leave();
  const std::string before = State();
  for (const char* query : {"DELETE FROM t", "INSERT INTO t VALUES (2)", "PRAGMA user_version=3",
                            "ATTACH 'x' AS y", "VACUUM INTO '/tmp/x'", "CREATE TABLE u (a)",
                            "SELECT 1; DELETE FROM t", "", "BEGIN", "CREATE TEMP TABLE u (a)"}) {
    EXPECT_EQ(Ask(query), "INVALID_ARGUMENT") << query;
  }
  EXPECT_EQ(Ask("SELECT load_extension('/x')"), "INVALID_ARGUMENT");
  EXPECT_EQ(Ask("SELECT nothing FROM t").substr(0, 6), "error:");
  EXPECT_EQ(State(), before);
}

TEST_F(SqliteFileTest, WhatIsNoDatabase) {
  std::ofstream(root_ / "text") << "not a database at all";
  std::ofstream(root_ / "empty");
  std::ofstream(root_ / "cut") << std::string("SQLite format 3\0\x10", 17);
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  fs::create_directory(root_ / "folder");
  fs::create_symlink("/etc/passwd", root_ / "out");
  fs::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(Ask("SELECT 1", "/none"), "NOT_FOUND");
  EXPECT_EQ(Ask("SELECT 1", "/out"), "NOT_FOUND");
  for (const char* path : {"/text", "/empty", "/pipe", "/folder", "/loop"}) {
    EXPECT_EQ(Ask("SELECT 1", path), "FAILED_PRECONDITION") << path;
  }
  EXPECT_NE(Ask("SELECT * FROM t", "/cut").substr(0, 2), "1|");
}

TEST_F(SqliteFileTest, TheJournalOfALinkLiesBesideItsTarget) {
  Do("CREATE TABLE t (a); INSERT INTO t VALUES (7)");
  Leave();
  fs::create_symlink("a.db", root_ / "link.db");
  EXPECT_EQ(Ask("SELECT a FROM t", "/link.db"), "7|");
  std::ofstream(root_ / "a.db-journal", std::ios::binary)
      << "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and more";
  EXPECT_EQ(Ask("SELECT a FROM t", "/link.db"), "FAILED_PRECONDITION");
}

TEST_F(SqliteFileTest, BoundsHold) {
  Do("CREATE TABLE t (a)");
  Leave();
  SqliteRequest request;
  request.path = "/a.db";
  request.query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
  request.max_rows = 10;
  const auto rows = AskSqliteFile(*env_, request);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_TRUE(rows->cut);
  EXPECT_EQ(rows->rows.size(), 10u);
  request.query =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
  request.deadline_ms = 50;
  EXPECT_TRUE(absl::IsDeadlineExceeded(AskSqliteFile(*env_, request).status()));
}

}  // namespace
}  // namespace tom
