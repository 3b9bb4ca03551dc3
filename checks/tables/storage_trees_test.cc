// The checks of encryption at rest over the trees of tests/data/storage, each with the verdicts
// that it must give; a pass that nobody expects fails. What is examined stays as it was.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/fake_storage_tree.h"
#include "checks/tables/test_trees.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/storage";

// Everything that a look could change: names, sizes, modes and times, those of access too. (Not of
// links: whoever follows one marks it. The trees are the tester's own, so that the kernel lets
// their reader leave the rest alone.)
std::string Fingerprint(const fs::path& root) {
  std::string all;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    struct stat info;
    if (lstat(path.c_str(), &info) != 0) continue;
    std::ostringstream line;
    line << path << info.st_mode << " " << info.st_size << " " << info.st_mtim.tv_sec << "."
         << info.st_mtim.tv_nsec << " " << info.st_ctim.tv_sec << "." << info.st_ctim.tv_nsec;
    if (!S_ISLNK(info.st_mode)) line << " " << info.st_atim.tv_sec << "." << info.st_atim.tv_nsec;
    all += line.str() + "\n";
  }
  return Sha256(all).Hex();
}

class StorageTrees : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "storageXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::permissions(root_, fs::perms(0755));
    data_ = kTrees / GetParam();
    std::ifstream layout(data_ / "layout");
    ASSERT_TRUE(layout.good());
    StorageTree tree(root_);
    tree.Build(layout);
    options_.declared = tree.declared();
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
  fs::path data_;
  SqlOptions options_;
};

TEST_P(StorageTrees, GivesTheVerdictsOfItsTree) {
  const std::string before = Fingerprint(root_);
  const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
  ASSERT_TRUE(env.ok()) << env.status();
  auto engine = SqlEngine::Create(AllTables(), **env, options_);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const fs::path expect = data_ / "expect";
  const auto outcomes = HoldAgainstVerdicts(
      expect, [&](const std::string& id) { return RunShippedCheck(**engine, id); });
  std::set<std::pair<std::string, std::string>> named;
  for (const ExpectedVerdict& one : ExpectedVerdicts(expect)) named.emplace(one.check, one.subject);
  for (const auto& [check, outcome] : outcomes) {
    for (const RowResult& row : outcome.rows) {
      EXPECT_TRUE(VerdictName(row.verdict) != "pass" || named.contains({check, row.subject}))
          << check << ": " << row.subject << " passes, which nobody expects";
    }
  }
  EXPECT_EQ(Fingerprint(root_), before) << "something in the tree has changed";
}

INSTANTIATE_TEST_SUITE_P(Trees, StorageTrees, testing::ValuesIn(TreesIn(kTrees)), TreeTestName);

}  // namespace
}  // namespace tom
