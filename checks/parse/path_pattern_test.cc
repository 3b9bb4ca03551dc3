#include "checks/parse/path_pattern.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(PathPattern, NameMatches) {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const Case cases[] = {
      {"%", "a", true},
      {"%", "", true},
      {"a%", "abc", true},
      {"a%", "bc", false},
      {"%.conf", "x.conf", true},
      {"%.conf", "x.conf.d", false},
      {"a%b%c", "a1b2c", true},
      {"a%b%c", "a1c2b", false},
      {"a_c", "abc", false},
      {"a_c", "a_c", true},
      {"abc", "abc", true},
      {"abc", "ABC", false},
      {"%a", "aaaaab", false},
      {"a", "", false},
      {"", "", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(NameMatches(c.pattern, c.name), c.matches) << c.pattern << " " << c.name;
  }
}

TEST(PathPattern, ManyWildcardsStayCheap) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "%a";
  EXPECT_FALSE(NameMatches(pattern + "b", std::string(255, 'a')));
}

TEST(PathPattern, Parses) {
  const auto pattern = ParsePathPattern("//home/%/.ssh//%%");
  ASSERT_TRUE(pattern.ok()) << pattern.status();
  EXPECT_EQ(pattern->names, (std::vector<std::string>{"home", "%", ".ssh"}));
  EXPECT_TRUE(pattern->below);
  EXPECT_TRUE(ParsePathPattern("/")->names.empty());
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/a";
  const std::string refused[] = {
      "", "etc/passwd", "%", "/a/%%/b", "/a%%", "/%%%", std::string("/a\0b", 4), deep};
  for (const std::string& text : refused) EXPECT_FALSE(ParsePathPattern(text).ok()) << text;
}

}  // namespace
}  // namespace tom
