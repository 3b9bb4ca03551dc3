// The checks of encryption at rest over the trees of tests/data/storage, each with the verdicts
// that it must give; a pass that nobody expects fails. What is examined stays as it was.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "checks/engine/catalogue_loader.h"
#include "checks/engine/check_runner.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"
#include "checks/tables/fake_storage_tree.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

struct Expected {
  std::string check, subject, verdict, text;
};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<Expected> Expectations(const fs::path& file) {
  std::vector<Expected> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> parts;
    std::istringstream text(line);
    for (std::string part; std::getline(text, part, '|');) parts.push_back(Trimmed(part));
    parts.resize(4);
    all.push_back({parts[0], parts[1], parts[2], parts[3]});
  }
  return all;
}

const Catalogue& Shipped() {
  static const Catalogue catalogue = [] {
    const auto env = OpenPosixEnv(RootMode::kLive, "/");
    auto loaded = LoadCatalogue(**env, TOM_SOURCE_DIR "/checks");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? loaded->catalogue : Catalogue();
  }();
  return catalogue;
}

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
    data_ = fs::path(TOM_SOURCE_DIR "/tests/data/storage") / GetParam();
    std::ifstream layout(data_ / "layout");
    ASSERT_TRUE(layout.good());
    StorageTree tree(root_);
    tree.Build(layout);
    options_.declared = tree.declared();
  }
  void TearDown() override { fs::remove_all(root_); }

  CheckOutcome Run(SqlEngine& engine, const std::string& id) {
    const auto found = Shipped().checks.find(id);
    if (found == Shipped().checks.end()) {
      ADD_FAILURE() << "no check " << id;
      return {};
    }
    CheckJob job;
    job.check = found->second;
    for (const auto& [name, parameter] : job.check.parameters) job.values[name] = parameter.value;
    return RunCheck(engine, job);
  }

  fs::path root_;
  fs::path data_;
  SqlOptions options_;
};

std::string Text(const CheckOutcome& outcome) {
  std::string text;
  for (const RowResult& row : outcome.rows) {
    text += row.subject + " " + std::string(VerdictName(row.verdict)) + ": " + row.reason + "\n";
  }
  return text;
}

TEST_P(StorageTrees, GivesTheVerdictsOfItsTree) {
  const std::string before = Fingerprint(root_);
  const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
  ASSERT_TRUE(env.ok()) << env.status();
  auto engine = SqlEngine::Create(AllTables(), **env, options_);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const std::vector<Expected> expected = Expectations(data_ / "expect");
  ASSERT_FALSE(expected.empty());
  std::map<std::string, CheckOutcome> outcomes;
  std::set<std::pair<std::string, std::string>> named;
  for (const Expected& one : expected) {
    if (!outcomes.contains(one.check)) outcomes[one.check] = Run(**engine, one.check);
    named.emplace(one.check, one.subject);
    const CheckOutcome& outcome = outcomes[one.check];
    const auto row = std::find_if(outcome.rows.begin(), outcome.rows.end(),
                                  [&](const RowResult& r) { return r.subject == one.subject; });
    ASSERT_NE(row, outcome.rows.end()) << one.check << " " << one.subject << "\n" << Text(outcome);
    EXPECT_EQ(VerdictName(row->verdict), one.verdict) << one.check << " " << one.subject << "\n"
                                                      << Text(outcome);
    EXPECT_NE(row->reason.find(one.text), std::string::npos)
        << one.check << " " << one.subject << ": " << one.text << "\n"
        << Text(outcome);
  }
  for (const auto& [check, outcome] : outcomes) {
    for (const RowResult& row : outcome.rows) {
      EXPECT_TRUE(VerdictName(row.verdict) != "pass" || named.contains({check, row.subject}))
          << check << ": " << row.subject << " passes, which nobody expects";
    }
  }
  EXPECT_EQ(Fingerprint(root_), before) << "something in the tree has changed";
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/data/storage")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Trees, StorageTrees, testing::ValuesIn(Cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tom
