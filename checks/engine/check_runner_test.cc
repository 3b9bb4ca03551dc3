#include "checks/engine/check_runner.h"

#include <gtest/gtest.h>

#include "checks/env/fake_env.h"
#include "evidence/limits.h"

namespace tom {
namespace {

class CheckRunnerTest : public testing::Test {
 protected:
  CheckRunnerTest() {
    check_.id = "c";
    check_.interval = "1h";
    check_.when_empty = "not_applicable";
  }

  // A table `t` with columns a (text) and n (integer), of the given rows.
  CheckOutcome Run(const std::string& query, const std::vector<ValueRow>& rows,
                   const std::string& unread = "") {
    Table table{.name = "t",
                .description = "",
                .columns = {{.name = "a", .description = ""},
                            {.name = "n", .type = ColumnType::kInteger, .description = ""}},
                .generate = [rows, unread](Env&, const TableContext&, RowSink& sink) {
                  for (const ValueRow& row : rows) sink.Add({{"a", row[0]}, {"n", row[1]}});
                  return unread.empty() ? absl::OkStatus() : absl::PermissionDeniedError(unread);
                }};
    auto engine = SqlEngine::Create({table}, env_, {});
    EXPECT_TRUE(engine.ok());
    check_.query = query;
    CheckJob job;
    job.check = check_;
    job.values = values_;
    return RunCheck(**engine, job);
  }

  static std::string Show(const CheckOutcome& outcome) {
    std::string text;
    for (const RowResult& row : outcome.rows) {
      text += row.subject + "=" + std::string(VerdictName(row.verdict)) + " ";
    }
    return text;
  }

  FakeEnv env_;
  Check check_;
  std::map<std::string, Json> values_;
};

const std::vector<ValueRow> kTwo = {{"x", int64_t{1}}, {"y", int64_t{2}}};

TEST_F(CheckRunnerTest, VerdictsOfEveryShape) {
  struct Case {
    const char* query;
    const char* rows;
  };
  const Case cases[] = {
      {"SELECT a AS subject, 'pass' AS verdict FROM t", "x=pass y=pass "},
      {"SELECT a AS subject, NULL AS verdict FROM t", "x=unknown y=unknown "},
      {"SELECT a AS subject, 'PASS' AS verdict FROM t", "x=unknown y=unknown "},
      {"SELECT a AS subject, 1 AS verdict FROM t", "x=unknown y=unknown "},
      {"SELECT 's' AS subject, CASE n WHEN 1 THEN 'fail' ELSE 'unknown' END AS verdict FROM t",
       "s=fail "},
      {"SELECT 's' AS subject, CASE n WHEN 1 THEN 'pass' ELSE 'not_applicable' END AS verdict FROM "
       "t",
       "s=pass "},
      {"SELECT n AS subject, 'pass' AS verdict FROM t", "1=pass 2=pass "},
      {"SELECT a AS subject, 'pass' AS verdict FROM t WHERE 0", "host=not_applicable "},
      {"SELECT a AS subject, 'pass' AS verdict, n / 2.0 AS half FROM t", "host=unknown "},
      {"SELECT NULL AS subject, 'pass' AS verdict FROM t", "host=unknown "},
      {"SELECT '' AS subject, 'pass' AS verdict FROM t", "host=unknown "},
      {"SELECT a, 'pass' AS verdict FROM t", "host=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict, n, n FROM t", "host=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict FROM nowhere", "host=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict FROM t WHERE n = :none", "host=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict, 1 AS valid_until FROM t", "x=unknown y=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict, 'soon' AS valid_until FROM t",
       "x=unknown y=unknown "},
      {"SELECT a AS subject, 'pass' AS verdict, '2099-01-01T00:00:00Z' AS valid_until FROM t",
       "x=pass y=pass "},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(Run(c.query, kTwo)), c.rows) << c.query;
}

TEST_F(CheckRunnerTest, WhatWasNotReadTakesThePassAndLeavesTheFail) {
  const CheckOutcome outcome =
      Run("SELECT a AS subject, CASE n WHEN 1 THEN 'fail' ELSE 'pass' END AS verdict FROM t", kTwo,
          "no right");
  EXPECT_EQ(Show(outcome), "host=unknown x=fail y=unknown ");
  EXPECT_NE(outcome.rows[0].reason.find("no right"), std::string::npos) << outcome.rows[0].reason;
}

TEST_F(CheckRunnerTest, NoRowPassesOnlyWhereSomethingWasExamined) {
  check_.when_empty = "pass";
  const std::string query = "SELECT a AS subject, 'fail' AS verdict FROM t WHERE n > 10";
  EXPECT_EQ(Show(Run(query, kTwo)), "host=pass ");
  EXPECT_EQ(Show(Run(query, {})), "host=unknown ");
  EXPECT_EQ(Show(Run(query, {}, "no right")), "host=unknown ");
  EXPECT_EQ(Show(Run("SELECT 'a' AS subject, 'fail' AS verdict WHERE 0", kTwo)), "host=unknown ");
}

TEST_F(CheckRunnerTest, PolicyQueries) {
  struct Case {
    const char* expects;
    const char* where;
    bool facts;
    const char* rows;
  };
  const Case cases[] = {
      {"rows", "n = 1", true, "host=pass "},        {"rows", "n = 9", true, "host=fail "},
      {"no_rows", "n = 1", true, "host=fail "},     {"no_rows", "n = 9", true, "host=pass "},
      {"no_rows", "n = 1", false, "host=unknown "}, {"rows", "n = 1", false, "host=unknown "},
  };
  for (const Case& c : cases) {
    check_.expects = c.expects;
    const auto rows = c.facts ? kTwo : std::vector<ValueRow>{};
    EXPECT_EQ(Show(Run(std::string("SELECT 1 FROM t WHERE ") + c.where, rows)), c.rows)
        << c.expects << c.where;
  }
  check_.expects = "no_rows";
  EXPECT_EQ(Show(Run("SELECT 1 FROM t WHERE n = 9", kTwo, "unread")), "host=unknown ");
}

TEST_F(CheckRunnerTest, BoundsHold) {
  const std::vector<ValueRow> longest = {{std::string(5000, 'x'), int64_t{1}}};
  const CheckOutcome cut = Run("SELECT n AS subject, 'pass' AS verdict, a FROM t", longest);
  EXPECT_EQ(Show(cut), "1=unknown ");
  EXPECT_LE(cut.rows[0].evidence.Find("a")->AsString().size(), limits::kMaxStringBytes);
  EXPECT_EQ(Show(Run("SELECT n AS subject, 'fail' AS verdict, a FROM t", longest)), "1=fail ");
  EXPECT_LT(Run("SELECT a AS subject, 'pass' AS verdict FROM t", longest).rows[0].subject.size(),
            400u);

  std::vector<ValueRow> many;
  for (int64_t i = 0; i < 1500; ++i) many.push_back({std::to_string(i), i});
  const CheckOutcome bounded =
      Run("SELECT a AS subject, CASE WHEN n > 1400 THEN 'fail' ELSE 'pass' END AS verdict FROM t",
          many);
  ASSERT_EQ(bounded.rows.size(), limits::kMaxRowsPerCheck);
  size_t fails = 0;
  for (const RowResult& row : bounded.rows) {
    EXPECT_NE(row.verdict, Verdict::kPass) << row.subject;
    fails += row.verdict == Verdict::kFail ? 1 : 0;
  }
  EXPECT_EQ(fails, 99u);
}

TEST_F(CheckRunnerTest, EvidenceAsideAndHostileBytes) {
  check_.volatile_columns = {"n"};
  const std::string hostile("a\xff\0b", 4);
  const CheckOutcome outcome =
      Run("SELECT a AS subject, 'fail' AS verdict, a AS reason, a AS raw, n, NULL AS absent, "
          "9007199254740993 AS big FROM t",
          {{hostile, int64_t{7}}});
  ASSERT_EQ(outcome.rows.size(), 1u);
  const RowResult& row = outcome.rows[0];
  EXPECT_EQ(row.subject, hostile);
  EXPECT_EQ(row.reason,
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Canonical(row.evidence), R"({"big":"9007199254740993","raw":{"bytes":"Yf8AYg=="}})");
  EXPECT_EQ(Canonical(row.aside), R"({"n":7})");
}

TEST_F(CheckRunnerTest, ParametersAreBoundByTheirType) {
  check_.parameters["age"] = {
      .value = "2m", .type = "duration", .stricter = "lower", .personal = ""};
  check_.parameters["names"] = {
      .value = Json::Array{}, .type = "list", .stricter = "subset", .personal = "user"};
  const std::string query =
      "SELECT a AS subject, CASE WHEN a IN (SELECT value FROM json_each(:names)) THEN 'pass' ELSE "
      "'fail' END "
      "AS verdict, :age AS age FROM t";
  values_ = {{"age", "1m"}, {"names", Json::Array{"x"}}};
  const CheckOutcome outcome = Run(query, kTwo);
  EXPECT_EQ(Show(outcome), "x=pass y=fail ");
  EXPECT_EQ(outcome.rows[0].evidence.Find("age")->AsInteger(), 60);
  EXPECT_EQ(outcome.params, ParamsDigest(values_));
  values_ = {{"age", "soon"}, {"names", Json::Array{}}};
  EXPECT_EQ(Show(Run(query, kTwo)), "host=unknown ");
  const auto hidden = PseudonymiseValues(check_, {{"names", Json::Array{"x"}}}, "key");
  EXPECT_EQ(hidden.at("names").AsArray()[0].AsString(), Pseudonym("key", "user", "x"));
  CheckJob job;
  job.check = check_;
  job.values = {{"age", "1m"}, {"names", Json::Array{"x"}}};
  job.sources = {{"age", "host"}, {"names", "profile"}};
  EXPECT_EQ(RecordedValues(job, "key"), job.values) << "what is published stands as published";
  job.sources["names"] = "host";
  EXPECT_EQ(RecordedValues(job, "key").at("names"), hidden.at("names"));
}

}  // namespace
}  // namespace tom
