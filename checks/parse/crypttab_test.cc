#include "checks/parse/crypttab.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(Crypttab, GivesWhatAnEntryIntends) {
  const std::string text =
      "# name device key options\n"
      "root UUID=1 none luks,discard\r\n"
      "  swap\t/dev/sda3 /dev/urandom swap,cipher=aes-xts-plain64,size=512,keyscript=/x\n"
      "bare /dev/sda4\n#off /dev/sda5 none luks\nshort\n";
  struct Case {
    const char* name;
    const char* device;
    const char* intention;
  };
  const Case cases[] = {
      {"root", "", "luks"},
      {"swap", "", "swap,cipher=aes-xts-plain64,size=512"},
      {"", "/dev/sda3", "swap,cipher=aes-xts-plain64,size=512"},
      {"root", "/dev/sda3", "luks"},
      {"bare", "", "none"},
      {"off", "/dev/sda5", ""},
      {"", "", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(CrypttabIntention(ParseCrypttab(text), c.name, c.device), c.intention)
        << c.name << c.device;
  }
  EXPECT_EQ(CrypttabIntention({}, "a", "b"), "");
}

TEST(Crypttab, GivesEntriesAndTheirOptions) {
  const Crypttab table = ParseCrypttab(
      "# root\nroot UUID=1 none luks,discard,header=/boot/root.img\nswap /dev/sda3 /dev/urandom "
      "swap,size=256,size=512\nlone /dev/sda4\r\nbroken\n dash /dev/sda5 - luks\n");
  ASSERT_EQ(table.entries.size(), 4u);
  EXPECT_EQ(table.problems, std::vector<std::string>{"line 5: no device"});
  const CrypttabEntry& root = table.entries[0];
  EXPECT_EQ(root.line, 2);
  EXPECT_EQ(root.key, "");
  EXPECT_EQ(root.Option("header"), "/boot/root.img");
  EXPECT_EQ(root.Option("discard"), "");
  EXPECT_FALSE(root.Option("size").has_value());
  EXPECT_EQ(table.entries[1].key, "/dev/urandom");
  EXPECT_EQ(table.entries[1].Option("size"), "512");
  EXPECT_EQ(table.entries[2].device + table.entries[2].options, "/dev/sda4");
  EXPECT_EQ(table.entries[3].key, "");
}

TEST(Crypttab, IsBoundedAndTellsANul) {
  std::string many;
  for (int i = 0; i < 1200; ++i) many += "m" + std::to_string(i) + " /dev/x\n";
  EXPECT_EQ(ParseCrypttab(many).entries.size(), kMaxCrypttabLines);
  EXPECT_EQ(ParseCrypttab(many).problems.size(), 1u);
  EXPECT_EQ(ParseCrypttab(std::string("a /dev/x no\0ne", 14)).problems.size(), 1u);
}

}  // namespace
}  // namespace tom
