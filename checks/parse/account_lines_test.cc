#include "checks/parse/account_lines.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(ParsePasswd, ReadsAccountsAndSkipsComments) {
  const PasswdFile file =
      ParsePasswd("root:x:0:0:root:/root:/bin/bash\n\n# c\nalice:x:1000:1000:A,,,:/home/alice:");
  ASSERT_EQ(file.entries.size(), 2u);
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(file.entries[0].name, "root");
  EXPECT_EQ(file.entries[1].uid, 1000);
  EXPECT_EQ(file.entries[1].description, "A,,,");
  EXPECT_EQ(file.entries[1].shell, "");
}

TEST(ParsePasswd, WhatMayHideAnAccountIsAProblem) {
  const std::string cases[] = {
      "+::::::",
      "+@group",
      "-bob",
      "a:x:0:0:d:/",
      "a:x:0:0:d:/:/bin/sh:more",
      "a:x:0x0:0:d:/:s",
      "a:x: 0:0:d:/:s",
      "a:x:-1:0:d:/:s",
      "a:x:+0:0:d:/:s",
      "a:x::0:d:/:s",
      "a:x:4294967296:0:d:/:s",
      ":x:0:0:d:/:s",
      std::string("a\0:x:0:0:d:/:s", 14),
      "a\xff:x:0:0:d:/:s",
      std::string(70000, 'a'),
      "plain",
  };
  for (const std::string& text : cases) {
    const PasswdFile file = ParsePasswd("root:x:0:0:root:/root:/bin/sh\n" + text + "\n");
    EXPECT_EQ(file.entries.size(), 1u) << text.substr(0, 40);
    ASSERT_EQ(file.problems.size(), 1u) << text.substr(0, 40);
    EXPECT_EQ(file.problems[0].substr(0, 7), "line 2:") << text.substr(0, 40);
  }
}

TEST(ParsePasswd, ProblemsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x\n";
  EXPECT_EQ(ParsePasswd(text).problems.size(), 20u);
}

}  // namespace
}  // namespace tom
