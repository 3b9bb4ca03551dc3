#include "checks/parse/scap_results.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

constexpr char kHead[] =
    "<?xml version=\"1.0\"?>\n<Benchmark xmlns=\"http://checklists.nist.gov/xccdf/1.2\">";

absl::StatusOr<ScapResults> Parse(const std::string& text, size_t piece = 1 << 20) {
  size_t at = 0;
  return ParseScapResults([&]() -> absl::StatusOr<std::string> {
    if (at >= text.size()) return std::string();
    const std::string next = text.substr(at, piece);
    at += piece;
    return next;
  });
}

std::string Whole() {
  return std::string(kHead) +
         "<Rule id=\"r1\"><title>One &amp; only</title></Rule>"
         "<TestResult id=\"t\" start-time=\"2026-11-01T10:00:00\" end-time=\"2026-11-01T10:05:00\">"
         "<benchmark href=\"ssg.xml\" id=\"b\"/><target>web1</target><profile idref=\"p\"/>"
         "<rule-result idref=\"r1\" severity=\"high\"><result>pass</result><check><x/></check>"
         "</rule-result><rule-result idref=\"r2\"><result>notapplicable</result></rule-result>"
         "</TestResult></Benchmark>";
}

TEST(ScapResults, RulesOfATest) {
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{4096}}) {
    const auto results = Parse(Whole(), piece);
    ASSERT_TRUE(results.ok()) << results.status();
    ASSERT_EQ(results->rules.size(), 2u);
    EXPECT_EQ(results->rules[0].rule, "r1");
    EXPECT_EQ(results->rules[0].result, "pass");
    EXPECT_EQ(results->rules[0].severity, "high");
    EXPECT_EQ(results->rules[0].title, "One & only");
    EXPECT_EQ(results->rules[1].result, "notapplicable");
    EXPECT_EQ(results->profile, "p");
    EXPECT_EQ(results->target, "web1");
    EXPECT_EQ(results->end_time, "2026-11-01T10:05:00");
  }
}

TEST(ScapResults, TheLastOfSeveralTestsCounts) {
  const std::string first =
      "<TestResult end-time=\"a\"><rule-result "
      "idref=\"r1\"><result>fail</result></rule-result></TestResult>";
  const std::string second =
      "<TestResult end-time=\"b\"><rule-result "
      "idref=\"r2\"><result>pass</result></rule-result></TestResult>";
  const auto results = Parse(std::string(kHead) + first + second + "</Benchmark>");
  ASSERT_TRUE(results.ok());
  EXPECT_EQ(results->test_results, 2);
  ASSERT_EQ(results->rules.size(), 1u);
  EXPECT_EQ(results->rules[0].rule, "r2");
}

TEST(ScapResults, ATestWithinAnothersRule) {
  const auto results =
      Parse(std::string(kHead) +
            "<TestResult><rule-result idref=\"a\"><TestResult><result>pass</result>"
            "</TestResult></rule-result></TestResult></Benchmark>");
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_TRUE(results->rules.empty());
}

TEST(ScapResults, WhatIsRefused) {
  std::string deep = kHead;
  for (int i = 0; i < 300; ++i) deep.append("<a>");
  struct Case {
    std::string text;
    const char* says;
  };
  const Case cases[] = {
      {"", "no element"},
      {"not xml", "line 1"},
      {Whole().substr(0, Whole().size() - 20), "line"},
      {std::string(kHead) + "</Benchmark>", "no results"},
      {"<TestResult><rule-result/></TestResult>", "no results"},  // of no name space
      {"<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", "document type"},
      {"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>", "document type"},
      {deep, "too deep"},
      {std::string("<a\0b/>", 6), "line 1"},
  };
  for (const Case& c : cases) {
    const auto results = Parse(c.text);
    ASSERT_FALSE(results.ok()) << c.text;
    EXPECT_NE(std::string(results.status().message()).find(c.says), std::string::npos)
        << results.status();
  }
}

}  // namespace
}  // namespace tom
