#include "checks/parse/sshd_config.h"

#include <gtest/gtest.h>

#include "checks/parse/sshd_pattern.h"

namespace tom {
namespace {

SshdTree TreeOf(const std::string& text) {
  SshdTree tree;
  const auto lines = ParseSshdLines(text, "/etc/ssh/sshd_config");
  EXPECT_TRUE(lines.ok()) << lines.status() << "\n" << text;
  if (lines.ok()) tree.files.push_back({"/etc/ssh/sshd_config", *lines});
  return tree;
}

std::string ValueFor(const std::string& text, const std::string& user, const std::string& option) {
  const SshdClient client{user, {user, "staff"}, "203.0.113.9", "203.0.113.9", "192.0.2.1", 22, ""};
  const auto settings = EvaluateSshd(TreeOf(text), &client);
  EXPECT_TRUE(settings.ok()) << settings.status();
  return settings.ok() ? settings->at(option).value : "";
}

TEST(SshdConfig, TheFirstValueWinsAndABlockWinsOverAll) {
  struct Case {
    const char* text;
    const char* user;
    const char* value;
  };
  const Case cases[] = {
      {"", "root", "prohibit-password"},
      {"PermitRootLogin no\nPermitRootLogin yes\n", "root", "no"},
      {"PermitRootLogin=without-password\n", "root", "prohibit-password"},
      {"PermitRootLogin no\nMatch User root\nPermitRootLogin yes\n", "root", "yes"},
      {"PermitRootLogin no\nMatch User !root,*\nPermitRootLogin yes\n", "root", "no"},
      {"PermitRootLogin no\nMatch Group staff\nPermitRootLogin yes\n", "root", "yes"},
      {"PermitRootLogin no\nMatch Address 203.0.113.0/24 User r*\nPermitRootLogin yes\n", "root",
       "yes"},
      {"PermitRootLogin no\nMatch LocalPort 022\nPermitRootLogin yes\n", "root", "yes"},
      {"Match User root\nMatch all\nPermitRootLogin no\n", "alice", "no"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(ValueFor(c.text, c.user, "permitrootlogin"), c.value) << c.text;
}

TEST(SshdConfig, ASettingNamesItsFileAndLine) {
  const auto settings = EvaluateSshd(TreeOf("\n# x\nUsePAM yes\n"), nullptr);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->at("usepam").file, "/etc/ssh/sshd_config");
  EXPECT_EQ(settings->at("usepam").line, 3);
  EXPECT_EQ(settings->at("usedns").file, "");
}

TEST(SshdConfig, WhatSshdRefusesNamesTheLine) {
  const struct {
    std::string text;
    const char* problem;
  } cases[] = {
      {"\nNoSuchOption yes\n", "/etc/ssh/sshd_config line 2: bad configuration option"},
      {"UsePAM ja\n", "/etc/ssh/sshd_config line 1: unsupported option"},
      {"UsePAM\n", "/etc/ssh/sshd_config line 1: no argument after keyword"},
      {"UsePAM yes no\n", "/etc/ssh/sshd_config line 1: extra arguments at end of line"},
      {"Banner 'x\n", "/etc/ssh/sshd_config line 1: invalid quotes"},
      {"Match User\n", "/etc/ssh/sshd_config line 1: missing Match criteria"},
      {"Match Address 10.1.1.1/8\n", "/etc/ssh/sshd_config line 1: invalid Match address argument"},
      {std::string("UsePAM yes\n\0\n", 13), "/etc/ssh/sshd_config line 2: a NUL byte"},
  };
  for (const auto& c : cases) {
    const auto lines = ParseSshdLines(c.text, "/etc/ssh/sshd_config");
    ASSERT_FALSE(lines.ok()) << c.text;
    EXPECT_EQ(std::string(lines.status().message()), c.problem);
  }
}

TEST(SshdConfig, IncludesThatMultiplyAreBounded) {
  SshdTree tree;
  // Each file includes the next one eight times: 8^16 lines.
  for (size_t i = 0; i < 17; ++i) {
    std::string text = "X11Forwarding no\n";
    for (int n = 0; i < 16 && n < 8; ++n) text += "Include /" + std::to_string(i + 1) + "\n";
    auto lines = ParseSshdLines(text, "/" + std::to_string(i));
    ASSERT_TRUE(lines.ok());
    tree.files.push_back({"/" + std::to_string(i), *lines});
    tree.includes["/" + std::to_string(i)] = {i};
  }
  EXPECT_TRUE(absl::IsResourceExhausted(EvaluateSshd(tree, nullptr).status()));
}

TEST(SshdPattern, MatchesAsSshd) {
  const struct {
    const char* text;
    const char* list;
    bool matches;
  } cases[] = {
      {"alice", "alice", true},     {"alice", "al*", true},    {"alice", "a?ice", true},
      {"alice", "!alice,*", false}, {"bob", "!alice,*", true}, {"bob", "!alice", false},
      {"alice", "*,!alice", false}, {"", "*", true},           {"", "?", false},
      {"aaab", "*a*b", true},       {"aaac", "*a*b", false},   {"a,b", "a,b", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(SshdListMatches(c.text, c.list), c.matches) << c.text << " " << c.list;
}

TEST(SshdPattern, NetworksMatchAsSshd) {
  const struct {
    const char* address;
    const char* list;
    bool matches;
    bool refused;
  } cases[] = {
      {"10.1.2.3", "10.0.0.0/8", true, false},
      {"11.1.2.3", "10.0.0.0/8", false, false},
      {"10.1.2.3", "!10.1.0.0/16,10.0.0.0/8", false, false},
      {"10.1.2.3", "10.0.0.0/33", false, true},
      {"10.1.2.3", "10.0.0.1/8", false, true},
      {"10.1.2.3", "10.1.2.3", true, false},
      {"10.1.2.3", "0.0.0.0/0", true, false},
      {"::1", "0.0.0.0/0", false, false},
      {"2001:db8::5", "2001:db8::/32", true, false},
      {"10.1.2.3", "10.*.3", true, false},
      {"10.1.2.3", "10.0.0.0/8,", false, true},
  };
  for (const auto& c : cases) {
    bool refused = false;
    EXPECT_EQ(SshdAddressListMatches(c.address, c.list, refused), c.matches)
        << c.address << " " << c.list;
    EXPECT_EQ(refused, c.refused) << c.list;
  }
}

TEST(SshdPattern, AddressesAsGetaddrinfoTakesThem) {
  const std::pair<const char*, const char*> cases[] = {{"192.0.2.7", "192.0.2.7"},
                                                       {"10.1", "10.0.0.1"},
                                                       {"10.1.258", "10.1.1.2"},
                                                       {"0x0a.012.1.2", "10.10.1.2"},
                                                       {"167772161", "10.0.0.1"},
                                                       {"::", "::"},
                                                       {"::1", "::1"},
                                                       {"2001:DB8::a:0:1", "2001:db8::a:0:1"},
                                                       {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
                                                       {"::ffff:192.0.2.7", "::ffff:192.0.2.7"},
                                                       {"fe80::", "fe80::"}};
  for (const auto& [text, wanted] : cases) {
    const auto address = ParseSshdAddress(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(SshdAddressText(*address), wanted) << text;
  }
  for (const char* bad : {"",
                          ".",
                          "1.",
                          "1.2.3.4.5",
                          "256.1.1.1",
                          "1.2.3.256",
                          "4294967296",
                          "0x",
                          "08.1.1.1",
                          "1.2.3.4 ",
                          ":",
                          ":::",
                          "1::2::3",
                          "1:2:3:4:5:6:7",
                          "1:2:3:4:5:6:7:8:9",
                          "1:2:3:4:5:6:7::8",
                          "12345::",
                          "::1:",
                          "::1.2.3",
                          "::1.2.3.4.5",
                          "g::",
                          "10.*",
                          "example.org"}) {
    EXPECT_FALSE(ParseSshdAddress(bad).has_value()) << bad;
  }
}

TEST(SshdPattern, WhatFollowsANetwork) {
  const struct {
    const char* network;
    const char* next;
  } cases[] = {
      {"10.0.0.0/8", "11.0.0.0"}, {"10.255.255.255", "11.0.0.0"},  {"0.0.0.0/0", ""},
      {"255.0.0.0/8", ""},        {"2001:db8::/32", "2001:db9::"}, {"192.0.2.0/25", "192.0.2.128"}};
  for (const auto& c : cases) {
    bool refused = false;
    const auto network = ParseSshdNetwork(c.network, refused);
    ASSERT_TRUE(network.has_value()) << c.network;
    const auto next = AfterSshdNetwork(*network);
    EXPECT_EQ(next ? SshdAddressText(*next) : "", c.next) << c.network;
  }
}

}  // namespace
}  // namespace tom
