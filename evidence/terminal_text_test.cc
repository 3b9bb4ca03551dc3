#include "evidence/terminal_text.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(TerminalText, KeepsTextAndDisarmsTheRest) {
  const struct {
    std::string in, out;
  } cases[] = {
      {"", ""},
      {"plain caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x99\x82",
       "plain caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x99\x82"},
      {"a\nb\tc\r", "a\\nb\\tc\\x0d"},
      {"\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xe2\x80\xae"
       "exe.txt",
       "\\u{202e}exe.txt"},
      {"\xe2\x80\xa8", "\\u{2028}"},
      {"a\xe2\x80", "a\\xe2\\x80"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\\x1b", "\\\\x1b"},
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},
  };
  for (const auto& c : cases) EXPECT_EQ(TerminalText(c.in), c.out) << c.in;
}

TEST(TerminalText, EndsWhereTheBoundIs) {
  EXPECT_EQ(TerminalText("abcdef", 3), "abc...");
  EXPECT_EQ(TerminalText("ab\x1b", 4), "ab...");
}

}  // namespace
}  // namespace tom
