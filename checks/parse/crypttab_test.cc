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
    EXPECT_EQ(CrypttabIntention(text, c.name, c.device), c.intention) << c.name << c.device;
  }
  EXPECT_EQ(CrypttabIntention("", "a", "b"), "");
}

}  // namespace
}  // namespace tom
