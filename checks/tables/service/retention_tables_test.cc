// Retention and user stores over real files: of SQLite, of text, in folders.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "checks/env/env_posix.h"
#include "checks/tables/declared_data.h"
#include "checks/tables/table_cells.h"

namespace tom {

Table retention_rows_table();
Table retention_files_table();
Table credential_columns_table();

namespace {

namespace fs = std::filesystem;

class RetentionTables : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "retention_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    env_ = *OpenPosixEnv(RootMode::kDeadTree, root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Sql(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((root_ / "a.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  void Write(const std::string& path, const std::string& text, int64_t age) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    const timespec moment{time(nullptr) - age, 0};
    const timespec times[2] = {moment, moment};
    ASSERT_EQ(utimensat(AT_FDCWD, (root_ / path).c_str(), times, 0), 0);
  }

  std::vector<std::string> Lines(const Table& table, const std::vector<std::string>& cells) {
    const Scan scan = ScanTable(table, *env_, {.declared = declared_, .constraints = {}}, nullptr);
    EXPECT_TRUE(scan.incomplete.empty()) << testing::PrintToString(scan.incomplete);
    return CellLines(table, scan, cells);
  }

  fs::path root_;
  std::unique_ptr<Env> env_;
  Declared declared_;
};

TEST_F(RetentionTables, TheOldestRowOfAColumn) {
  Sql("CREATE TABLE t (iso, zone, unix, real, mixed, odd, nulls, future);"
      "INSERT INTO t VALUES ('2024-03-01 12:00:00', '2024-03-01T14:00:00+02:00', 1709294400, "
      "1709294400.5,"
      " '2024-03-01', '2024-03-01', NULL, '2999-01-01'),"
      " ('2025-01-01', '2025-01-01', 1800000000, 1800000000, 1500000000, '9/1/2019', '', "
      "'2999-01-02');"
      "CREATE TABLE vacant (c); CREATE TABLE \"odd \"\"name\" (\"a b\"); "
      "INSERT INTO \"odd \"\"name\" VALUES ('2024-03-01');");
  const std::pair<const char*, const char*> columns[] = {
      {"t", "iso"},    {"t", "zone"},         {"t", "unix"},  {"t", "real"},
      {"t", "mixed"},  {"t", "odd"},          {"t", "nulls"}, {"t", "future"},
      {"vacant", "c"}, {"odd \"name", "a b"}, {"gone", "c"},  {"t", "gone"}};
  for (const auto& [table, column] : columns) {
    DeclaredRetention one;
    one.name = column;
    one.database = "/a.db";
    one.table = table;
    one.column = column;
    one.limit_seconds = 1000;
    declared_.retention.push_back(one);
  }
  const auto lines = Lines(retention_rows_table(), {"name", "rows", "dated", "oldest"});
  const std::vector<std::string> expected = {"iso|2|all|2024-03-01T12:00:00Z",
                                             "zone|2|all|2024-03-01T12:00:00Z",
                                             "unix|2|all|2024-03-01T12:00:00Z",
                                             "real|2|all|2024-03-01T12:00:00Z",
                                             "mixed|2|all|2017-07-14T02:40:00Z",
                                             "odd|2|NULL|NULL",
                                             "nulls|2|some|NULL",
                                             "future|2|all|2999-01-01T00:00:00Z",
                                             "c|0|all|NULL",
                                             "a b|1|all|2024-03-01T00:00:00Z"};
  ASSERT_EQ(lines.size(), 12u);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(lines[i], expected[i]);
  EXPECT_EQ(lines[10], "c|NULL|NULL|NULL");
}

TEST_F(RetentionTables, WhatIsNotOrderedByItsMomentOrNotAllThereIsNotJudged) {
  Sql("CREATE TABLE t (units, whole); INSERT INTO t VALUES (1800000000, 1700000000000), "
      "(1500000000000, 1600000000000); CREATE VIEW V AS SELECT * FROM t WHERE units > 1700000000;");
  for (const auto& [table, column] : {std::pair("t", "units"), {"t", "whole"}, {"v", "whole"}}) {
    DeclaredRetention one;
    one.name = column;
    one.database = "/a.db";
    one.table = table;
    one.column = column;
    one.limit_seconds = 1000;
    declared_.retention.push_back(one);
  }
  EXPECT_EQ(Lines(retention_rows_table(), {"name", "oldest", "error"}),
            (std::vector<std::string>{
                "units|NULL|its dates are numbers of more than one unit",
                "whole|2020-09-13T12:26:40Z|NULL",
                "whole|NULL|it is a view, which may leave rows out: declare its table"}));
}

TEST_F(RetentionTables, TheOldestRowOfAQuery) {
  Sql("CREATE TABLE t (c); INSERT INTO t VALUES ('2024-03-01'), (NULL), ('2023-01-01')");
  const std::pair<std::string, std::string> queries[] = {
      {"SELECT min(c) FROM t", "NULL|query|2023-01-01T00:00:00Z"},
      {"SELECT c FROM t", "3|some|2023-01-01T00:00:00Z"},
      {"SELECT c FROM t WHERE c IS NOT NULL", "2|all|2023-01-01T00:00:00Z"},
      {"SELECT min(c), count(*), count(*) - count(c) FROM t", "3|some|2023-01-01T00:00:00Z"},
      {"SELECT min(c) FROM t WHERE c > '3'", "NULL|query|NULL"},
      {"SELECT c FROM t WHERE c > '3'", "0|all|NULL"},
      {"SELECT 'yesterday'", "NULL|NULL|NULL"},
      {"DELETE FROM t", "NULL|NULL|NULL"},
      {"SELECT 1; DELETE FROM t", "NULL|NULL|NULL"},
      {"SELECT c FROM gone", "NULL|NULL|NULL"}};
  for (const auto& [query, ignored] : queries) {
    DeclaredRetention one;
    one.database = "/a.db";
    one.query = query;
    one.limit_seconds = 1000;
    declared_.retention.push_back(one);
  }
  const auto lines = Lines(retention_rows_table(), {"rows", "dated", "oldest"});
  ASSERT_EQ(lines.size(), std::size(queries));
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], queries[i].second) << queries[i].first;
  }
}

TEST_F(RetentionTables, TheOldestFile) {
  constexpr int64_t kDay = 86400;
  Write("srv/new/a", "x", 60);
  Write("srv/old/deep/er/a", "x", 10 * kDay);
  Write("srv/old/b", "x", 60);
  Write("srv/logs/a.log", "x", 60);
  Write("srv/logs/b.txt", "x", 10 * kDay);
  fs::create_directory(root_ / "srv/empty");
  fs::create_symlink("old/deep/er/a", root_ / "srv/new/link");
  fs::create_symlink("/srv/old", root_ / "srv/linked");
  fs::create_symlink("loop", root_ / "srv/loop");
  const std::pair<const char*, const char*> paths[] = {
      {"/srv/new", "1|1|1|0"},        {"/srv/old", "1|1|2|1"},    {"/srv/logs/*.log", "1|1|1|0"},
      {"/srv/logs/*.txt", "1|1|1|1"}, {"/srv/empty", "1|1|0|0"},  {"/srv/gone", "0|1|0|0"},
      {"/srv/old/b", "1|1|1|0"},      {"/srv/linked", "1|1|2|1"}, {"/srv/loop", "0|0|0|0"},
      {"/gone/*", "0|1|0|0"}};
  for (const auto& [path, ignored] : paths) {
    DeclaredRetention one;
    one.path = path;
    one.limit_seconds = kDay;
    declared_.retention.push_back(one);
  }
  const auto lines =
      Lines(retention_files_table(), {"there", "complete", "files", "files_too_old"});
  ASSERT_EQ(lines.size(), std::size(paths));
  for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], paths[i].second) << paths[i].first;
}

TEST_F(RetentionTables, UserStores) {
  Sql("CREATE TABLE u (p); INSERT INTO u VALUES ('hunter2'), (NULL),"
      " ('5f4dcc3b5aa765d61d8327deb882cf99'), ('5f4dcc3b5aa765d61d8327deb882cf99')");
  Write("htpasswd", "# users\nalice:$2y$10$" + std::string(53, 'a') + "\n", 0);
  Write("broken", "no colon here\n", 0);
  DeclaredUserStore column;
  column.name = "db";
  column.column.database = "/a.db";
  column.column.table = "u";
  column.column.column = "p";
  DeclaredUserStore file;
  file.path = "/htpasswd";
  DeclaredUserStore broken;
  broken.path = "/broken";
  DeclaredUserStore undeclared;
  undeclared.name = "none";
  undeclared.column.database = "nothing";
  declared_.user_stores = {column, file, broken, undeclared};
  EXPECT_EQ(Lines(credential_columns_table(),
                  {"store", "looked_at", "strong", "weak", "reversible", "without", "forms"}),
            (std::vector<std::string>{"db|3|0|1|1|1|md5, none, plain", "/htpasswd|1|1|0|0|0|bcrypt",
                                      "/broken|NULL|NULL|NULL|NULL|NULL|NULL",
                                      "none|NULL|NULL|NULL|NULL|NULL|NULL"}));
}

TEST(DeclaredQueries, OnlyOneThatReads) {
  for (const char* query : {"SELECT 1", " select 1 ;", "WITH x AS (SELECT 1) SELECT 1 FROM x",
                            "(SELECT 1)", "VALUES (1)"}) {
    EXPECT_EQ(QueryProblem(query), "") << query;
  }
  for (const char* query : {"", "DELETE FROM t", "SELECT 1; SELECT 2", "SET x = 1",
                            "EXPLAIN SELECT 1", "SELECT 1 INTO OUTFILE '/x'", "CALL f()"}) {
    EXPECT_NE(QueryProblem(query), "") << query;
  }
}

}  // namespace
}  // namespace tom
