#include "checks/engine/check_yaml.h"

#include <gtest/gtest.h>

#include "checks/engine/case_driver.h"
#include "checks/engine/check_lint.h"

namespace tom {
namespace {

// A check over the table `t` of the tests; `query` is indented by the block.
std::string CheckText(const std::string& query, const std::string& more = "") {
  return "id: c\nmeasure: m\ntitle: T\nseverity: high\ninterval: 1h\nruns_on: host\nwhen_empty: "
         "unknown\n" +
         more + "query: |\n  " + query + "\n";
}

constexpr char kGood[] =
    "SELECT a AS subject, CASE WHEN n = 1 THEN 'pass' WHEN n <> 1 THEN 'fail' ELSE 'unknown' END "
    "AS verdict, "
    "'n' AS reason FROM t";

constexpr char kCases[] =
    "cases:\n"
    "  - {name: one, facts: {t: [{a: x, n: 1}, {a: y, n: 2}, {a: z}]},\n"
    "     expect: [{subject: x, verdict: pass}, {subject: y, verdict: fail}, {subject: z, verdict: "
    "unknown}]}\n";

Table T() {
  return {.name = "t",
          .description = "",
          .columns = {{.name = "a", .description = ""},
                      {.name = "n", .type = ColumnType::kInteger, .description = ""},
                      {.name = "who", .description = "", .personal = "user"},
                      {.name = "tls_version", .description = ""}},
          .generate = [](Env&, const TableContext&, RowSink&) { return absl::OkStatus(); }};
}

TEST(CheckYaml, ReadsACheck) {
  const auto source = ParseCheckYaml(
      CheckText(
          kGood,
          "parameters: {minimum: {value: TLSv1.2, stricter: higher}, days: {value: 14d, stricter: "
          "higher}, names: {value: [b, a], stricter: subset, personal: user}, n: {value: 3, "
          "stricter: "
          "lower}, s: {value: 010, stricter: declared}}\n") +
          kCases,
      "c.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  const auto& parameters = source->check.parameters;
  EXPECT_EQ(parameters.at("minimum").type, "tls_version");
  EXPECT_EQ(parameters.at("days").type, "duration");
  EXPECT_EQ(parameters.at("n").value, Json(3));
  EXPECT_EQ(parameters.at("s").value, Json("010"));
  EXPECT_EQ(Canonical(parameters.at("names").value), R"(["a","b"])");
  EXPECT_EQ(source->query_line, 10);
  EXPECT_EQ(source->cases[0].expect.size(), 3u);
}

TEST(CheckYaml, CasesAreNoPartOfTheDigest) {
  const auto without = ParseCheckYaml(CheckText(kGood), "c.yaml");
  const auto with = ParseCheckYaml(
      CheckText(kGood, "mode: observe\neffective_from: 2026-01-01\n") + kCases, "c.yaml");
  ASSERT_TRUE(without.ok() && with.ok()) << with.status();
  EXPECT_EQ(without->check.digest, with->check.digest);
  EXPECT_FALSE(without->observed);
  EXPECT_TRUE(with->observed);
  EXPECT_EQ(FormatUtc(with->effective_from.value_or(0)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(without->check.digest, CanonicalDigest(CheckToJson(without->check)));
}

TEST(CheckYaml, ErrorsNameFileLineAndKey) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {CheckText(kGood, "sevrity: low\n"), "c.yaml:8:10: sevrity: unknown key"},
      {CheckText(kGood, "parameters: {p: {value: soon, stricter: lower}}\n"),
       "c.yaml:8:25: parameters.p.value"},
      {CheckText(kGood, "parameters: {p: {value: a, stricter: subset}}\n"),
       "parameters.p.stricter"},
      {CheckText(kGood, "parameters: {p: {value: a}}\n"), "parameters.p.stricter: missing"},
      {CheckText(kGood, "mode: maybe\n"), "c.yaml:8:7: mode: expected enforce or observe"},
      {CheckText(kGood, "mode: observe\neffective_from: soon\n"), "c.yaml:9:17: effective_from: "},
      {CheckText(kGood, "effective_from: 2026-01-01\n"), "effective_from: says when"},
      {"id: C\nmeasure: m\ntitle: T\nseverity: high\ninterval: 1h\nruns_on: host\nwhen_empty: "
       "pass\nquery: s\n",
       "c.yaml:1:5: id: expected"},
      {"id: c\nmeasure: m\ntitle: T\nseverity: high\ninterval: 2h\nruns_on: host\nwhen_empty: "
       "pass\nquery: s\n",
       "c.yaml:5:11: interval: expected one of"},
      {"id: c\nmeasure: m\ntitle: T\nseverity: high\ninterval: 1h\nruns_on: host\nquery: s\n",
       "when_empty: missing"},
      {CheckText(kGood) + "cases: [{name: x, expect: [{subject: s, verdict: ok}]}]\n",
       "cases.expect.verdict"},
  };
  for (const Case& c : cases) {
    const auto source = ParseCheckYaml(c.text, "c.yaml");
    ASSERT_FALSE(source.ok()) << c.message;
    EXPECT_NE(std::string(source.status().message()).find(c.message), std::string::npos)
        << source.status();
  }
}

TEST(CheckLint, AGoodCheckHasNoFinding) {
  const auto source = ParseCheckYaml(CheckText(kGood) + kCases, "c.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(LintCheck(*source, {T()}).empty()) << LintCheck(*source, {T()})[0];
  const CaseReport report = RunCases(*source, {T()});
  EXPECT_TRUE(report.problems.empty()) << report.problems[0];
  EXPECT_EQ(report.mutations, 2 + 4 * 4u);
}

TEST(CheckLint, EachRuleFinds) {
  struct Case {
    const char* query;
    const char* finding;
  };
  const Case cases[] = {
      {"SELECT a AS subject, CASE n WHEN 1 THEN 'fail' else ('pass') END AS verdict, 'r' AS reason "
       "FROM t",
       "ELSE 'pass'"},
      {"SELECT a AS subject, tls_version < 'TLSv1.2' AS verdict, 'r' AS reason FROM t",
       "versions are compared"},
      {"SELECT a AS subject, 'TLSv1.2' <= t.tls_version AS verdict, 'r' AS reason FROM t",
       "versions are compared"},
      {"SELECT 'x' AS subject, 'pass' AS verdict, 'r' AS reason", "reads no fact table"},
      {"SELECT a AS subject, random() AS verdict, 'r' AS reason FROM t", "random"},
      {"SELECT a AS subject, date('now') AS verdict, 'r' AS reason FROM t", "the clock is :now"},
      {"SELECT a AS subject, unixepoch() AS verdict, 'r' AS reason FROM t", "the clock is :now"},
      {"SELECT a AS subject, :x AS verdict, 'r' AS reason FROM t", "unknown parameter :x"},
      {"SELECT a AS subject, 'pass' AS verdict FROM t", "no column reason"},
      {"SELECT a AS subject, 'pass' AS verdict, 'r' AS reason FROM t WHERE who = 'root'",
       "who is personal"},
      {"SELECT a AS subject, 'pass' AS verdict, 'r' AS reason FROM t WHERE who NOT IN ('root')",
       "who is personal"},
      {"SELECT nosuch FROM t", "no such column"},
  };
  for (const Case& c : cases) {
    const auto source = ParseCheckYaml(CheckText(c.query) + kCases, "c.yaml");
    ASSERT_TRUE(source.ok()) << source.status();
    std::string all;
    for (const std::string& finding : LintCheck(*source, {T()})) all += finding + "\n";
    EXPECT_NE(all.find(c.finding), std::string::npos) << c.query << "\n" << all;
    EXPECT_NE(all.find("c.yaml:9: "), std::string::npos) << all;
  }
  const auto bare = ParseCheckYaml(CheckText(kGood, "volatile: [zz]\n"), "c.yaml");
  EXPECT_EQ(LintCheck(*bare, {T()}).size(), 4u);
}

TEST(CaseDriver, FindsWhatMustNotBe) {
  struct Case {
    const char* query;
    const char* problem;
  };
  const Case cases[] = {
      // NULL slips through a comparison: the failing subject passes.
      {"SELECT a AS subject, CASE WHEN n > 1 THEN 'fail' WHEN n IS NULL THEN 'pass' ELSE 'pass' "
       "END AS verdict, 'r' "
       "AS reason FROM t",
       "becomes pass"},
      {"SELECT a AS subject, CASE WHEN n = 1 THEN 'pass' WHEN n > 1 THEN 'fail' ELSE 'unknown' END "
       "AS verdict, "
       "'at ' || :now AS reason FROM t",
       "follows the clock"},
      {"SELECT a AS subject, 'pass' AS verdict, 'r' AS reason FROM t",
       "y is pass (r), expected fail"},
      {"SELECT a AS subject, 'pass' AS verdict, 'r' AS reason FROM t WHERE n = 9", "no row for x"},
  };
  for (const Case& c : cases) {
    const auto source = ParseCheckYaml(CheckText(c.query) + kCases, "c.yaml");
    ASSERT_TRUE(source.ok()) << source.status();
    std::string all;
    for (const std::string& problem : RunCases(*source, {T()}).problems) all += problem + "\n";
    EXPECT_NE(all.find(c.problem), std::string::npos) << c.query << "\n" << all;
  }
}

}  // namespace
}  // namespace tom
