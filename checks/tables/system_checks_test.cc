// The checks over the trees of tests/data/system, each with the verdicts that it must give
// (README.md there).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "checks/engine/catalogue_loader.h"
#include "checks/engine/check_runner.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/system";

struct Expected {
  std::string check, subject, verdict, text;
};

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<Expected> Expectations(const fs::path& file) {
  std::vector<Expected> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> parts;
    for (size_t at = 0; at <= line.size();) {
      const size_t end = std::min(line.find('|', at), line.size());
      parts.push_back(Trim(line.substr(at, end - at)));
      at = end + 1;
    }
    if (parts.size() >= 4) all.push_back({parts[0], parts[1], parts[2], parts[3]});
  }
  return all;
}

const LoadedCatalogue& Shipped() {
  static const LoadedCatalogue* shipped = [] {
    const auto env = OpenPosixEnv(RootMode::kLive, "/");
    auto loaded = LoadCatalogue(**env, TOM_SOURCE_DIR "/checks");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return new LoadedCatalogue(loaded.ok() ? *std::move(loaded) : LoadedCatalogue{});
  }();
  return *shipped;
}

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
    auto engine = SqlEngine::Create(AllTables(), **env, {});
    EXPECT_TRUE(engine.ok()) << engine.status();
    CheckJob job;
    const auto& checks = Shipped().catalogue.checks;
    const auto found = checks.find(id);
    EXPECT_NE(found, checks.end()) << id;
    if (found == checks.end()) return {};
    job.check = found->second;
    for (const auto& [name, parameter] : job.check.parameters) job.values[name] = parameter.value;
    return RunCheck(**engine, job);
  }

  fs::path root_;
};

std::string Text(const CheckOutcome& outcome) {
  std::string text;
  for (const RowResult& row : outcome.rows)
    text += row.subject + " " + std::string(VerdictName(row.verdict)) + ": " + row.reason + "\n";
  return text;
}

TEST_P(SystemTree, GivesTheVerdictsOfItsTree) {
  const std::vector<Expected> expected = Expectations(kTrees / GetParam() / "expect");
  ASSERT_FALSE(expected.empty());
  std::map<std::string, CheckOutcome> outcomes;
  for (const Expected& one : expected) {
    if (!outcomes.contains(one.check)) {
      const auto start = std::chrono::steady_clock::now();
      outcomes[one.check] = Run(one.check);
      EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << one.check;
    }
    const CheckOutcome& outcome = outcomes[one.check];
    const auto row = std::find_if(outcome.rows.begin(), outcome.rows.end(),
                                  [&](const RowResult& r) { return r.subject == one.subject; });
    ASSERT_NE(row, outcome.rows.end()) << one.check << " " << one.subject << "\n" << Text(outcome);
    EXPECT_EQ(VerdictName(row->verdict), one.verdict) << one.check << "\n" << Text(outcome);
    EXPECT_NE(row->reason.find(one.text), std::string::npos) << one.check << "\n" << Text(outcome);
  }
}

std::vector<std::string> Trees() {
  std::vector<std::string> trees;
  for (const auto& entry : fs::directory_iterator(kTrees)) {
    if (entry.is_directory()) trees.push_back(entry.path().filename());
  }
  std::sort(trees.begin(), trees.end());
  return trees;
}

INSTANTIATE_TEST_SUITE_P(Trees, SystemTree, testing::ValuesIn(Trees()), [](const auto& tree) {
  std::string name = tree.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tom
