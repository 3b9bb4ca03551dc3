#include "checks/parse/nsswitch.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(NameServices, FollowsGlibc) {
  struct Case {
    const char* text;
    std::vector<std::string> services;
  };
  const Case cases[] = {
      {"passwd: files systemd\n", {"files", "systemd"}},
      {"passwd:\tfiles [NOTFOUND=return] sss # x\n", {"files", "sss"}},
      {"passwd: files[!SUCCESS=continue]nis", {"files", "nis"}},
      {"  passwd : compat\r\n", {"compat"}},
      {"passwd: files\npasswd: files ldap\n", {"files", "ldap"}},
      {"#passwd: ldap\nshadow: files\n", {}},
      {"passwd: [broken", {}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(NameServices(c.text, "passwd"), c.services) << c.text;
}

}  // namespace
}  // namespace tom
