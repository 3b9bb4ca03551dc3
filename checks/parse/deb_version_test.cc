#include "checks/parse/deb_version.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace tom {
namespace {

int Sign(int number) { return number < 0 ? -1 : number > 0 ? 1 : 0; }

// dpkg itself decides; nothing of these words means anything to a shell.
int Dpkg(const std::string& one, const std::string& other) {
  const auto holds = [&](const char* relation) {
    const std::string command =
        "dpkg --compare-versions '" + one + "' " + relation + " '" + other + "' 2>/dev/null";
    return std::system(command.c_str()) == 0;
  };
  return holds("lt") ? -1 : holds("gt") ? 1 : 0;
}

TEST(DebVersion, IsOrderedAsDpkgOrdersIt) {
  const std::array<const char*, 23> versions = {"1.0",
                                                "1.0-1",
                                                "1.0-1~bpo12+1",
                                                "1.0~rc1-1",
                                                "1:0.9",
                                                "0:1.0-1",
                                                "1.0-1+b1",
                                                "1.0-1+deb12u1",
                                                "1.0-1+deb12u10",
                                                "1.0-1.1",
                                                "1.00-1",
                                                "1.0a",
                                                "1.0+",
                                                "1.0.",

                                                "3.0.17-1~deb12u2",
                                                "3.0.9-1",
                                                "2-1-1",
                                                "2-1",
                                                "10",
                                                "9z",
                                                "1.0~~",
                                                "1.0~",
                                                "018"};
  for (const char* one : versions) {
    for (const char* other : versions) {
      EXPECT_EQ(Sign(CompareDebVersions(one, other)), Dpkg(one, other)) << one << " " << other;
    }
  }
}

TEST(DebVersion, AnythingIsOrdered) {
  EXPECT_EQ(CompareDebVersions("", ""), 0);
  EXPECT_LT(CompareDebVersions("", "1"), 0);
  EXPECT_GT(CompareDebVersions("99999999999999999999999999", "9999999999999999999999999"), 0);
  EXPECT_EQ(DebRevision("1.2-3+deb12u1"), "3+deb12u1");
  EXPECT_EQ(DebRevision("1.2"), "");
}

}  // namespace
}  // namespace tom
