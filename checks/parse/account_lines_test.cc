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

// As getent(1) shows them: blanks in front hide nobody.
TEST(ParsePasswd, BlanksInFrontArePassedOver) {
  for (const char* blanks : {" ", "\t", "  \t", "\v", "\f", "\r"}) {
    const std::string front = blanks;
    const PasswdFile file =
        ParsePasswd(front + "bob:x:0:0::/:/bin/sh\n" + front + "# no account\n");
    ASSERT_EQ(file.entries.size(), 1u) << int{front[0]};
    EXPECT_EQ(file.entries[0].name, "bob") << int{front[0]};
    EXPECT_TRUE(file.problems.empty()) << int{front[0]};
    EXPECT_EQ(ParsePasswd(front + "+@everyone\n").problems.size(), 1u) << int{front[0]};
    EXPECT_EQ(ParseShadowRecords(front + "bob::1::::::").entries.at(0).name, "bob");
    EXPECT_EQ(ParseGroup(front + "sudo:x:27:bob").entries.at(0).name, "sudo");
  }
}

TEST(ParsePasswd, ProblemsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x\n";
  EXPECT_EQ(ParsePasswd(text).problems.size(), 20u);
}

TEST(ParseGroup, ReadsMembersAsTheyStand) {
  const GroupFile file = ParseGroup("sudo:x:27:alice,bob, carol ,,\nempty:x:100:\n");
  ASSERT_EQ(file.entries.size(), 2u);
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(file.entries[0].gid, 27);
  EXPECT_EQ(file.entries[0].members, (std::vector<std::string>{"alice", "bob", "carol"}));
  EXPECT_TRUE(file.entries[1].members.empty());
}

TEST(ParseGroup, WhatMayHideAGroupIsAProblem) {
  const std::string cases[] = {"a:x:1",  "a:x:1:b:c", "a:x:one:b",
                               ":x:1:b", "+:::",      "a:x:1:" + std::string(20002, ',')};
  for (const std::string& text : cases) {
    const GroupFile file = ParseGroup(text + "\n");
    EXPECT_TRUE(file.entries.empty()) << text.substr(0, 40);
    EXPECT_EQ(file.problems.size(), 1u) << text.substr(0, 40);
  }
}

TEST(ParseShadowRecords, EmptyFieldsAreNoLimits) {
  const ShadowRecords file = ParseShadowRecords(
      "root:*:19000:0:99999:7:::\nalice:$y$j9T$salt$hash:19500:1:90:7:30:20000:0\nb::::::::\n"
      "c:x:19000:0:-1:-1:-1:-1:\n");
  ASSERT_EQ(file.entries.size(), 4u) << file.problems[0];
  EXPECT_EQ(file.entries[0].last_change, 19000);
  EXPECT_EQ(file.entries[0].inactive, std::nullopt);
  EXPECT_EQ(file.entries[1].max, 90);
  EXPECT_EQ(file.entries[1].expire, 20000);
  EXPECT_EQ(file.entries[2].last_change, std::nullopt);
  EXPECT_EQ(file.entries[3].max, std::nullopt);
}

TEST(ParseShadowRecords, WhatMayHideAnAccountIsAProblem) {
  for (const char* text :
       {"a:x:1:2:3:4:5:6", "a:x:1:2:3:4:5:6:7:8", "a:x:soon::::::", "a:x:-2::::::", "::::::::",
        "-a::::::::", "a:x:99999999999999999999::::::"}) {
    const ShadowRecords file = ParseShadowRecords(text);
    EXPECT_TRUE(file.entries.empty()) << text;
    EXPECT_EQ(file.problems.size(), 1u) << text;
  }
}

TEST(PasswordStatusOf, TellsWhatLetsIn) {
  struct Case {
    const char* field;
    const char* status;
    const char* method;
  };
  for (const Case& c : {Case{"", "empty", ""},
                        {"*", "locked", ""},
                        {"!", "locked", ""},
                        {"!!", "not_set", ""},
                        {"!*", "not_set", ""},
                        {"!$6$salt$hash", "locked", "6"},
                        {"$6$salt$hash", "active", "6"},
                        {"$y$j9T$salt$hash", "active", "y"},
                        {"$2b$05$hash", "active", "2b"},
                        {"$gy", "active", ""},
                        {"abcdefghijklm", "active", "des"},
                        {"_J9..saltHASHHASHHAS", "active", "bsdi"},
                        {"x", "active", ""}}) {
    EXPECT_EQ(PasswordStatusName(PasswordStatusOf(c.field)), c.status) << c.field;
    EXPECT_EQ(HashMethod(c.field), c.method) << c.field;
  }
}

}  // namespace
}  // namespace tom
