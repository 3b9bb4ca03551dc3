#include "checks/parse/sysctl_config.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(SysctlConfig, KeysArePathsInBothSpellings) {
  const std::pair<const char*, const char*> cases[] = {
      {"kernel.kptr_restrict", "kernel/kptr_restrict"},
      {"kernel/kptr_restrict", "kernel/kptr_restrict"},
      {"net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"},
      {"net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"},
      {"/net//ipv4/./x/", "net/ipv4/x"},
      {"plain", "plain"},
      {"", ""},
      {"....", ""},
  };
  for (const auto& [key, path] : cases) EXPECT_EQ(SysctlPath(key), path) << key;
  EXPECT_EQ(SysctlName("net/ipv4/conf/eth0.100/rp_filter"), "net.ipv4.conf.eth0/100.rp_filter");
}

std::string ValueOf(std::string_view text, std::string_view path) {
  SysctlSettings settings;
  settings.Read(text, "f");
  const SysctlOption* option = settings.For(path);
  return option == nullptr ? "(none)" : *option->value;
}

TEST(SysctlConfig, WhatIsSetInTheEnd) {
  struct Case {
    const char* text;
    const char* path;
    const char* value;
  };
  const Case cases[] = {
      {"a.b = 1", "a/b", "1"},
      {"a.b=1\na/b = 2", "a/b", "2"},
      {"  a.b\t=\t4 5  \r\n", "a/b", "4 5"},
      {"# a.b=1\n;a.b=1\na.b\n", "a/b", "(none)"},
      {"-a.b=1", "a/b", "1"},
      {"a.b=", "a/b", ""},
      {"=1", "", "(none)"},
      {"a.b=1=2", "a/b", "1=2"},
      {"n.*.x=1", "n/eth0/x", "1"},
      {"n.*.x=1", "n/eth0/more/x", "(none)"},
      {"n.all.x=0\nn.*.x=1", "n/all/x", "0"},      // what names it wins over a later glob
      {"-n.all.x\nn.*.x=1", "n/all/x", "(none)"},  // taken out of the globs
      {"n.*.x=1\nn.e*.x=2", "n/eth0/x", "2"},
      {"n.*.x=1\nn.e*.x=2\nn.*.x=1", "n/eth0/x", "2"},  // the same again moves nothing
      {"n.*.x=1\nn.e*.x=2\nn.*.x=3", "n/eth0/x", "3"},
      {"n.[ab].x=1", "n/b/x", "1"},
      {"a.b=1\n-a.b", "a/b", "(none)"},
  };
  for (const Case& c : cases) EXPECT_EQ(ValueOf(c.text, c.path), c.value) << c.text;
}

TEST(SysctlConfig, OptionsAreBounded) {
  SysctlSettings settings;
  std::string text;
  for (int i = 0; i < 3000; ++i) text.append("a.k").append(std::to_string(i)).append("=1\n");
  EXPECT_TRUE(settings.Read(text, "f"));
  EXPECT_EQ(settings.options().size(), 3000u);
  EXPECT_EQ(settings.options().at("a/k2999").line, 3000);
}

TEST(SysctlConfig, NumbersAsTheKernelReadsThem) {
  const std::pair<const char*, int64_t> good[] = {{"0", 0},     {"2", 2},   {" 1\n", 1}, {"-1", -1},
                                                  {"0x10", 16}, {"010", 8}, {"00", 0}};
  for (const auto& [text, number] : good) EXPECT_EQ(SysctlNumber(text), number) << text;
  for (const char* text : {"", "-", "1 2", "x", "08", "--1", "0x", "1a", "99999999999999999999"}) {
    EXPECT_EQ(SysctlNumber(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tom
