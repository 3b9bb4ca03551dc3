#include "agent/check_report.h"

#include <gtest/gtest.h>

#include "agent/check_print.h"
#include "agent/text_output.h"

namespace tom {
namespace {

constexpr UnixSeconds kNow = 1800000000;

Catalogue OneCheck() {
  Catalogue catalogue;
  Check& check = catalogue.checks["c"];
  check.id = "c";
  check.measure = "m";
  check.severity = "high";
  return catalogue;
}

CheckOutcome OutcomeOf(const std::vector<std::pair<std::string, Verdict>>& rows) {
  CheckOutcome outcome;
  outcome.check = "c";
  for (const auto& [subject, verdict] : rows) {
    RowResult row;
    row.subject = subject;
    row.verdict = verdict;
    outcome.rows.push_back(row);
  }
  return outcome;
}

CheckReport ReportOf(std::vector<CheckResult> results) {
  CheckReport report;
  report.host["name"] = "h";
  report.finished_at = kNow;
  report.results = std::move(results);
  return report;
}

TEST(CheckReport, ExitCodesFollowTheWorst) {
  struct Case {
    std::vector<std::pair<std::string, Verdict>> rows;
    int code;
  };
  const Case cases[] = {
      {{{"a", Verdict::kPass}}, 0},
      {{{"a", Verdict::kNotApplicable}}, 0},
      {{{"a", Verdict::kPass}, {"b", Verdict::kUnknown}}, 3},
      {{{"a", Verdict::kFail}, {"b", Verdict::kUnknown}}, 2},
      {{}, 3},
  };
  for (const Case& c : cases) {
    const auto results = ResultsOf({OutcomeOf(c.rows)}, OneCheck(), {}, kNow);
    EXPECT_EQ(ExitCodeOf(Summarise(results)), c.code) << c.rows.size();
  }
}

TEST(CheckReport, AnExclusionAcceptsItsSubjectUntilItExpires) {
  AgentConfig config;
  config.exclusions = {
      {.check = "c", .subject = "a", .reason = "r", .owner = "o", .expires = kNow + 1},
      {.check = "c", .subject = "b", .reason = "r", .owner = "o", .expires = kNow},
      {.check = "other", .subject = "d", .reason = "r", .owner = "o", .expires = kNow + 1}};
  const auto outcome =
      OutcomeOf({{"a", Verdict::kFail}, {"b", Verdict::kFail}, {"d", Verdict::kFail}});
  auto results = ResultsOf({outcome}, OneCheck(), config, kNow);
  ASSERT_TRUE(results[0].accepted.has_value());
  EXPECT_EQ(results[0].row.verdict, Verdict::kFail);
  EXPECT_FALSE(results[1].accepted.has_value());
  EXPECT_FALSE(results[2].accepted.has_value());
  const CheckSummary summary = Summarise(results);
  EXPECT_EQ(summary.fail, 2u);
  EXPECT_EQ(summary.accepted, 1u);
  results.resize(1);
  EXPECT_EQ(ExitCodeOf(Summarise(results)), 0);
}

TEST(CheckPrint, HostileTextIsHarmlessInEveryFormat) {
  const std::string hostile = std::string("=1+1\x1b]0;x\x07\xc2\x9b\xff\0,\"\n\xe2\x80\xae", 20);
  const auto results = ResultsOf({OutcomeOf({{hostile, Verdict::kFail}})}, OneCheck(), {}, kNow);
  const CheckReport report = ReportOf(results);
  for (const std::string& text :
       {CheckTable(report, false), CheckJson(report), CheckCsv(report), CheckOscal(report)}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
    EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos) << text;
    EXPECT_EQ(text.find('\0'), std::string::npos) << text;
  }
  EXPECT_NE(CheckJson(report).find("{\"bytes\":"), std::string::npos);
  EXPECT_NE(CheckCsv(report).find("\"'=1+1"), std::string::npos) << CheckCsv(report);
}

TEST(CheckPrint, NothingExaminedIsStillADocument) {
  const CheckReport report = ReportOf({});
  EXPECT_NE(CheckJson(report).find("\"results\":[]"), std::string::npos) << CheckJson(report);
  EXPECT_NE(CheckOscal(report).find("No check ran."), std::string::npos);
  EXPECT_EQ(CheckOscal(report), CheckOscal(report));
}

TEST(CheckPrint, ColoursStandAroundTheVerdictAlone) {
  const auto results = ResultsOf({OutcomeOf({{"fail", Verdict::kFail}})}, OneCheck(), {}, kNow);
  const std::string text = CheckTable(ReportOf(results), true);
  EXPECT_NE(text.find("fail     \x1b[31mfail\x1b[0m"), std::string::npos) << text;
}

TEST(TextOutput, CsvGuardsFormulas) {
  struct Case {
    const char* cell;
    const char* record;
  };
  const Case cases[] = {{"plain", "plain\r\n"},
                        {"=x", "'=x\r\n"},
                        {" -1", "' -1\r\n"},
                        {"@a,b", "\"'@a,b\"\r\n"},
                        {"\t+", "'\t+\r\n"},
                        {"a\"b", "\"a\"\"b\"\r\n"},
                        {"a\r\nb", "\"a\xEF\xBF\xBD\nb\"\r\n"}};
  for (const Case& c : cases) EXPECT_EQ(CsvRecord({c.cell}), c.record) << c.cell;
}

TEST(TextOutput, JsonBeyondAsciiIsEscaped) {
  EXPECT_EQ(AsciiJson("\"\xc3\xa5\x7f\xf0\x9f\x98\x80\""), "\"\\u00e5\\u007f\\ud83d\\ude00\"");
}

}  // namespace
}  // namespace tom
