#include "checks/parse/unit_file.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(UnitFile, ValuesOfSections) {
  UnitFile unit;
  EXPECT_TRUE(unit.Read(
      "stray=1\n[Unit]\nDescription = A b\r\n# c\n; d\n[Service]\nExecStart=/bin/a \\\n"
      "# between\n  --b\n[Install]\nWantedBy=multi-user.target x.target\nWantedBy=y.target\n=v\n"));
  EXPECT_EQ(unit.Value("Unit", "Description"), "A b");
  EXPECT_EQ(unit.Value("Service", "ExecStart"), "/bin/a  --b");
  EXPECT_EQ(unit.Words("Install", "WantedBy"),
            (std::vector<std::string>{"multi-user.target", "x.target", "y.target"}));
  EXPECT_TRUE(unit.HasSection("Install"));
  EXPECT_FALSE(unit.HasSection("Timer"));
  EXPECT_TRUE(unit.Read("[Install]\nWantedBy=\nWantedBy=z.target\n[Service]\nExecStart=\n"));
  EXPECT_EQ(unit.Words("Install", "WantedBy"), (std::vector<std::string>{"z.target"}));
  EXPECT_EQ(unit.Value("Service", "ExecStart"), "");
}

TEST(UnitFile, OddInputIsNoSetting) {
  for (const char* text : {"[Unit\nA=b\n", "A=b", "[]\nA=b", "[Unit]\nA\n", "[Unit]\n\\\n\\\n"}) {
    UnitFile unit;
    EXPECT_TRUE(unit.Read(text)) << text;
    EXPECT_EQ(unit.Value("Unit", "A"), "") << text;
  }
  EXPECT_TRUE(UnitBoolean("YES", false));
  EXPECT_FALSE(UnitBoolean("off", true));
  EXPECT_TRUE(UnitBoolean("maybe", true));
}

}  // namespace
}  // namespace tom
