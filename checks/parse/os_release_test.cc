#include "checks/parse/os_release.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(OsRelease, ReadsEachFormOfValue) {
  struct Case {
    const char* line;
    const char* value;
  };
  const Case cases[] = {
      {"X=plain", "plain"},
      {"X=", ""},
      {"X=\"\"", ""},
      {"X=\"two words\"", "two words"},
      {"X='two $words'", "two $words"},
      {R"(X="a \"b\" \$c \\ \` \n")", R"(a "b" $c \ ` \n)"},
      {"  X=12\r", "12"},
      {"X=first\nX=second", "second"},
      {"#X=no\n\nX=yes", "yes"},
      {"X=https://example.org/a?b", "https://example.org/a?b"},
  };
  for (const Case& c : cases) {
    const OsRelease release = ParseOsRelease(c.line);
    EXPECT_TRUE(release.problems.empty()) << c.line << ": " << release.problems[0];
    ASSERT_EQ(release.fields.count("X"), 1u) << c.line;
    EXPECT_EQ(release.fields.at("X"), c.value) << c.line;
  }
}

TEST(OsRelease, RefusesWhatTheFormatDoesNotHave) {
  const std::string cases[] = {
      "no equals",    "=x",         "9X=1",     "X Y=1",
      "X=two words",  "X=\"open",   "X='open",  "X=\"a\"b",
      "X=\"a\"\"b\"", "X=$HOME",    "X=\"$A\"", "X=`id`",
      "X=a;rm",       "X=\"end\\",  "X=a\\b",   std::string("X=a\0b", 5),
      "X=\xff\xfe",   "export X=1",
  };
  for (const std::string& line : cases) {
    const OsRelease release = ParseOsRelease(line);
    EXPECT_EQ(release.problems.size(), 1u) << line;
    EXPECT_TRUE(release.fields.empty()) << line;
  }
}

TEST(OsRelease, IsBounded) {
  std::string many;
  for (int i = 0; i < 10000; ++i) many += "X=" + std::to_string(i) + "\n";
  const OsRelease release = ParseOsRelease(many);
  ASSERT_EQ(release.problems.size(), 1u);
  EXPECT_EQ(release.problems[0], "line 1001: more than 1,000 lines");
  EXPECT_EQ(ParseOsRelease(std::string(1 << 20, '=')).problems.size(), 1u);
  std::string bad;
  for (int i = 0; i < 10000; ++i) bad += "?\n";
  EXPECT_EQ(ParseOsRelease(bad).problems.size(), 10u);
}

TEST(VersionNumbers, StopWhereTheNumbersStop) {
  struct Case {
    const char* text;
    int64_t major, minor, patch;  // -1: absent
  };
  const Case cases[] = {
      {"12", 12, -1, -1}, {"12.5", 12, 5, -1},  {"22.04.3 LTS", 22, 4, 3},
      {"", -1, -1, -1},   {"sid", -1, -1, -1},  {"-1", -1, -1, -1},
      {"3.x", 3, -1, -1}, {"1.2.3.4", 1, 2, 3}, {"99999999999999999999", -1, -1, -1},
  };
  for (const Case& c : cases) {
    const VersionNumbers numbers = ParseVersionNumbers(c.text);
    EXPECT_EQ(numbers.major.value_or(-1), c.major) << c.text;
    EXPECT_EQ(numbers.minor.value_or(-1), c.minor) << c.text;
    EXPECT_EQ(numbers.patch.value_or(-1), c.patch) << c.text;
  }
}

}  // namespace
}  // namespace tom
