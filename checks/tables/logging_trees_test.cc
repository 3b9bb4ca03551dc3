// The checks of log-monitoring over the trees of tests/data/logging (README.md there).
#include <gtest/gtest.h>

#include "checks/engine/table.h"
#include "checks/tables/test_trees.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/logging";

class LoggingTree : public testing::TestWithParam<std::string> {
 protected:
  CheckOutcome Run(const std::string& id) const {
    const auto env = OpenPosixEnv(RootMode::kDeadTree, kTrees / GetParam() / "root");
    EXPECT_TRUE(env.ok()) << env.status();
    Declared declared;
    declared.logging_facilities = {"auth", "mail", "cron", "kern"};
    SqlOptions options;
    options.declared = declared;
    auto engine = SqlEngine::Create(AllTables(), **env, options);
    EXPECT_TRUE(engine.ok()) << engine.status();
    return RunShippedCheck(**engine, id);
  }
};

TEST_P(LoggingTree, GivesTheVerdictsExpected) {
  HoldAgainstVerdicts(kTrees / GetParam() / "expect",
                      [this](const std::string& id) { return Run(id); });
}

INSTANTIATE_TEST_SUITE_P(All, LoggingTree, testing::ValuesIn(TreesIn(kTrees)), TreeTestName);

TEST(LoggingTrees, AreMany) { EXPECT_GE(TreesIn(kTrees).size(), 150u); }

}  // namespace
}  // namespace tom
