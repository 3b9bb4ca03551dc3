// The checks over the trees of tests/data/system, each with the verdicts that it must give
// (README.md there).
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "checks/engine/table.h"
#include "checks/tables/test_trees.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/system";

class SystemTree : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "system_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    Lay(GetParam());
    ASSERT_EQ(Shell("chown -hR 0:0 .; chmod -R u=rwX,go=rX ."), 0);
    SetUpOf(GetParam());
  }
  void TearDown() override {
    if (!root_.empty()) fs::remove_all(root_);
  }

  int Shell(const std::string& command) const {
    return std::system(("cd " + root_.string() + " && { " + command + "; }").c_str());
  }

  // The tree and what it stands on, the lowest first.
  void Lay(const std::string& tree) {
    std::ifstream base(kTrees / tree / "base");
    std::string below;
    if (std::getline(base, below)) Lay(below);
    // Files of the same name are replaced, links too.
    ASSERT_EQ(Shell("cp -a --remove-destination " + (kTrees / tree).string() + "/. ."), 0);
    if (fs::exists(root_ / "setup")) fs::rename(root_ / "setup", root_ / ("setup-of-" + tree));
  }

  void SetUpOf(const std::string& tree) {
    std::ifstream base(kTrees / tree / "base");
    std::string below;
    if (std::getline(base, below)) {
      SetUpOf(below);
      const fs::path lower = root_ / ("setup-of-" + below);
      if (fs::exists(lower)) {
        fs::copy_file(lower, root_ / "setup-base", fs::copy_options::overwrite_existing);
      }
    }
    const std::string own = "setup-of-" + tree;
    if (!fs::exists(root_ / own)) return;
    ASSERT_EQ(Shell("sh ./" + own), 0);
  }

  CheckOutcome Run(const std::string& id) const {
    const bool host = fs::exists(root_ / "host-root");
    const auto env = OpenPosixEnv(host ? RootMode::kHostRoot : RootMode::kDeadTree, root_);
    EXPECT_TRUE(env.ok()) << env.status();
    SqlOptions options;
    options.declared.vulnerability_feeds = Feeds();
    auto engine = SqlEngine::Create(AllTables(), **env, options);
    EXPECT_TRUE(engine.ok()) << engine.status();
    return RunShippedCheck(**engine, id);
  }

  // A line each of the file `feeds`: kind, path, release ("-": none), seconds.
  std::vector<DeclaredVulnerabilityFeed> Feeds() const {
    std::vector<DeclaredVulnerabilityFeed> feeds;
    std::ifstream in(root_ / "feeds");
    DeclaredVulnerabilityFeed one;
    while (in >> one.kind >> one.path >> one.release >> one.max_age_seconds) {
      if (one.release == "-") one.release.clear();
      feeds.push_back(one);
    }
    return feeds;
  }

  fs::path root_;
};

TEST_P(SystemTree, GivesTheVerdictsOfItsTree) {
  HoldAgainstVerdicts(kTrees / GetParam() / "expect", [this](const std::string& id) {
    const auto start = std::chrono::steady_clock::now();
    CheckOutcome outcome = Run(id);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << id;
    return outcome;
  });
}

INSTANTIATE_TEST_SUITE_P(Trees, SystemTree, testing::ValuesIn(TreesIn(kTrees)), TreeTestName);

}  // namespace
}  // namespace tom
