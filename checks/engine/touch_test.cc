#include "checks/engine/touch.h"

#include <gtest/gtest.h>

#include <string>

namespace tom {
namespace {

TEST(TouchMatches, OneStarIsPartOfANameTwoAreAnything) {
  struct Case {
    std::string pattern;
    std::string text;
    bool matches;
  };
  const Case cases[] = {
      {"/etc/passwd", "/etc/passwd", true},
      {"/etc/passwd", "/etc/passwd-", false},
      {"/etc/passwd", "/etc", false},
      {"/proc/*/comm", "/proc/1/comm", true},
      {"/proc/*/comm", "/proc/1/2/comm", false},
      {"/proc/*/comm", "/proc//comm", true},
      {"/etc/ssh/**", "/etc/ssh/a/b", true},
      {"/etc/ssh/**", "/etc/ssh", false},
      {"/**", "/", true},
      {"/b/db-*.gz", "/b/db-1.tar.gz", true},
      {"/b/db-*.gz", "/b/db-1.gz/x", false},
      {"*:53", "192.0.2.1:53", true},
      {"**a**", "bab", true},
      {"", "", true},
      {"", "x", false},
      {"*", "", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(TouchMatches(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
  }
}

TEST(TouchMatches, APatternOfStarsIsNotSlow) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(TouchMatches(pattern, std::string(4000, 'a') + "b"));
  EXPECT_TRUE(TouchMatches(pattern, std::string(4000, 'a')));
}

}  // namespace
}  // namespace tom
