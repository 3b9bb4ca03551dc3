#include "checks/engine/sql_engine.h"

#include <gtest/gtest.h>

#include "checks/env/fake_env.h"
#include "evidence/row.h"

namespace tom {
namespace {

Table People() {
  return {.name = "people",
          .description = "",
          .columns = {{.name = "name", .description = "", .personal = "user"},
                      {.name = "age", .type = ColumnType::kInteger, .description = ""},
                      {.name = "place", .description = "", .pushdown = true},
                      {.name = "secret", .description = "", .hidden = true}},
          .generate = [](Env& env, const TableContext& context, RowSink& sink) -> absl::Status {
            const std::string* place = context.EqualText("place");
            for (const char* name : {"ann", "bob", "cy"}) {
              const std::string at = name[0] == 'c' ? "north" : "south";
              if (place != nullptr && *place != at) continue;
              sink.Add({{"name", name}, {"age", int64_t{name[0] == 'b' ? 40 : 30}}, {"place", at}});
            }
            auto text = env.ReadFile("/extra", 100);
            return text.ok() ? absl::OkStatus() : text.status();
          }};
}

Table Strict() {
  return {.name = "strict",
          .description = "",
          .columns = {{.name = "key", .description = "", .required = true}},
          .generate = [](Env&, const TableContext& context, RowSink& sink) -> absl::Status {
            sink.Add({{"key", *context.EqualText("key")}});
            return absl::OkStatus();
          }};
}

class SqlEngineTest : public testing::Test {
 protected:
  SqlEngineTest() {
    env_.AddFile("/extra", "");
    engine_ = Open({});
  }
  std::unique_ptr<SqlEngine> Open(SqlOptions options) {
    auto engine = SqlEngine::Create({People(), Strict()}, env_, std::move(options));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return *std::move(engine);
  }
  std::string First(std::string_view sql, const std::map<std::string, Value>& parameters = {}) {
    const auto result = engine_->Run(sql, parameters);
    if (!result.ok()) return "error: " + std::string(result.status().message());
    return result->rows.empty() ? "no row" : ValueText(result->rows[0][0]);
  }

  FakeEnv env_;
  std::unique_ptr<SqlEngine> engine_;
};

TEST_F(SqlEngineTest, SelectsJoinsAndBinds) {
  EXPECT_EQ(First("SELECT count(*) FROM people"), "3");
  EXPECT_EQ(First("SELECT name FROM people WHERE age = :age", {{"age", int64_t{40}}}), "bob");
  EXPECT_EQ(First("SELECT :now"), std::to_string(env_.Now()));
  EXPECT_EQ(First("SELECT count(*) FROM people a JOIN people b ON a.age = b.age"), "5");
  EXPECT_EQ(First("SELECT group_concat(value) FROM json_each(:l)", {{"l", R"(["x","y"])"}}), "x,y");
  EXPECT_EQ(First("SELECT tls_rank('TLSv1.2') || coalesce(tls_rank('TLSv9'), '-')"), "12-");
  EXPECT_EQ(First("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
                  "SELECT max(i) FROM n"),
            "5");
}

TEST_F(SqlEngineTest, ALeanTableIsToldWhatTheQueriesRead) {
  std::vector<uint64_t> asked;
  const Table lean{
      .name = "costly",
      .description = "",
      .columns = {{.name = "a", .description = ""},
                  {.name = "b", .description = ""},
                  {.name = "c", .description = ""}},
      .generate =
          [&](Env&, const TableContext& context, RowSink& sink) {
            asked.push_back(context.columns);
            sink.Add({{"a", "1"}, {"b", (context.columns & 2) != 0 ? Value("2") : Value()}});
            return absl::OkStatus();
          },
      .lean = true};
  auto engine = SqlEngine::Create({lean}, env_, {});
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE((*engine)->Run("SELECT a FROM costly", {}).ok());
  EXPECT_EQ(asked, (std::vector<uint64_t>{1}));
  ASSERT_TRUE((*engine)->Run("SELECT a, count(*) FROM costly", {}).ok());
  EXPECT_EQ(asked.size(), 1u);  // nothing more is read
  const auto both = (*engine)->Run("SELECT x.a, y.b FROM costly x JOIN costly y", {});
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(ValueText(both->rows[0][1]), "2");
  EXPECT_EQ(asked, (std::vector<uint64_t>{1, 3}));
  asked.clear();
  engine = SqlEngine::Create({lean}, env_, {});
  (*engine)->Expect("SELECT a FROM costly");
  (*engine)->Expect("SELECT c FROM costly");
  (*engine)->Expect("SELECT wrong FROM costly");
  ASSERT_TRUE((*engine)->Run("SELECT a FROM costly", {}).ok());
  ASSERT_TRUE((*engine)->Run("SELECT c FROM costly", {}).ok());
  EXPECT_EQ(asked, (std::vector<uint64_t>{5}));
  asked.clear();
  (*engine)->Forget();
  ASSERT_TRUE((*engine)->Run("SELECT * FROM costly", {}).ok());
  EXPECT_EQ(asked, (std::vector<uint64_t>{7}));
}

TEST_F(SqlEngineTest, ConstraintsReachTheTable) {
  const auto result = engine_->Run("SELECT name FROM people WHERE place = 'north'", {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->scanned.at("people"), 1u);
  const auto in = engine_->Run("SELECT name FROM people WHERE place IN ('north', 'south')", {});
  ASSERT_TRUE(in.ok()) << in.status();
  EXPECT_EQ(in->rows.size(), 3u);
  EXPECT_EQ(First("SELECT key FROM strict WHERE key = 'k'"), "k");
  EXPECT_NE(First("SELECT key FROM strict").find("error"), std::string::npos);
  EXPECT_EQ(First("SELECT s.key FROM people p JOIN strict s ON s.key = p.name ORDER BY 1"), "ann");
}

TEST_F(SqlEngineTest, EverythingButReadingIsRefused) {
  const char* queries[] = {
      "INSERT INTO people(name) VALUES('x')",
      "DELETE FROM people",
      "CREATE TABLE t(a)",
      "CREATE TEMP TABLE t(a)",
      "CREATE VIRTUAL TABLE t USING people",
      "ATTACH 'x.db' AS x",
      "PRAGMA database_list",
      "VACUUM INTO '/tmp/x'",
      "SELECT * FROM sqlite_master",
      "SELECT * FROM pragma_table_info('people')",
      "SELECT * FROM dbstat",
      "SELECT random()",
      "SELECT randomblob(10)",
      "SELECT load_extension('x')",
      "SELECT readfile('/etc/passwd')",
      "SELECT sqlite_version()",
      "SELECT zeroblob(100)",
      "SELECT CURRENT_TIMESTAMP",
      "SELECT \"no such column\"",
      "SELECT 1; SELECT 2",
      "EXPLAIN SELECT 1",
      "BEGIN",
      "",
      "SELECT :unknown",
      "SELECT ?",
      "SELECT $x",
      "SELECT * FROM nowhere",
  };
  for (const char* sql : queries) EXPECT_FALSE(engine_->Run(sql, {}).ok()) << sql;
  EXPECT_FALSE(engine_->Run(std::string("SELECT 1\0", 9), {}).ok());
}

TEST_F(SqlEngineTest, LimitsHold) {
  EXPECT_FALSE(
      engine_->Run("SELECT replace(printf('%.*c', 100000, 'x'), 'x', 'twelve bytes')", {}).ok());
  EXPECT_FALSE(engine_->Run("SELECT 'a' LIKE '" + std::string(300, '%') + "'", {}).ok());
  EXPECT_FALSE(engine_->Run("SELECT " + std::string(65 << 10, ' ') + "1", {}).ok());
  std::string deep = "1";
  for (int i = 0; i < 120; ++i) deep = "(" + deep + "+1)";
  EXPECT_FALSE(engine_->Run("SELECT " + deep, {}).ok());
  const auto many = engine_->Run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", {});
  ASSERT_TRUE(many.ok());
  EXPECT_TRUE(many->truncated);
  EXPECT_EQ(many->rows.size(), 20000u);
}

TEST_F(SqlEngineTest, ErrorsNameTheirPlace) {
  const auto result = engine_->Run("SELECT name,\n  nothing FROM people", {});
  EXPECT_NE(std::string(result.status().message()).find("line 2 column 3"), std::string::npos)
      << result.status();
}

TEST_F(SqlEngineTest, WhatCouldNotBeReadIsSaid) {
  env_.DenyAll();
  const auto result = engine_->Run("SELECT name FROM people", {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows.size(), 3u);
  ASSERT_EQ(result->incomplete.size(), 1u);
  EXPECT_NE(result->incomplete[0].find("people: /extra: Permission denied"), std::string::npos)
      << result->incomplete[0];
}

TEST_F(SqlEngineTest, FactsAreReadOnceForAllQueries) {
  First("SELECT count(*) FROM people");
  First("SELECT max(age) FROM people p");
  EXPECT_EQ(env_.reads().size(), 1u);
  engine_->Forget();
  First("SELECT max(age) FROM people");
  EXPECT_EQ(env_.reads().size(), 2u);
}

TEST_F(SqlEngineTest, PersonalColumnsNeverReachSqlInClear) {
  SqlOptions options;
  options.pseudonym_key = "key";
  engine_ = Open(std::move(options));
  EXPECT_EQ(First("SELECT name FROM people WHERE age = 40"), Pseudonym("key", "user", "bob"));
  EXPECT_EQ(First("SELECT count(*) FROM people WHERE name = 'bob'"), "0");
  EXPECT_EQ(First("SELECT count(*) FROM people WHERE name = :n",
                  {{"n", Pseudonym("key", "user", "bob")}}),
            "1");
}

TEST_F(SqlEngineTest, TheProgressHandlerStopsALongQuery) {
  SqlOptions options;
  options.soft_deadline_ms = 20;  // the fake clock moves 1 ms each time that it is read
  engine_ = Open(std::move(options));
  const auto result = engine_->Run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", {});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded) << result.status();
}

}  // namespace
}  // namespace tom
