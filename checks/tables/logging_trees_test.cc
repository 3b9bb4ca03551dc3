// The checks of log-monitoring over the trees of tests/data/logging (README.md there).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/engine/catalogue_loader.h"
#include "checks/engine/check_runner.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/logging";

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '|');) {
    field.erase(0, std::min(field.find_first_not_of(' '), field.size()));
    field.erase(field.find_last_not_of(' ') + 1);
    fields.push_back(field);
  }
  fields.resize(4);
  return fields;
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
    const auto& checks = Shipped().catalogue.checks;
    const auto found = checks.find(id);
    if (found == checks.end()) {
      ADD_FAILURE() << "no check " << id;
      return {};
    }
    CheckJob job;
    job.check = found->second;
    for (const auto& [name, parameter] : job.check.parameters) job.values[name] = parameter.value;
    return RunCheck(**engine, job);
  }
};

TEST_P(LoggingTree, GivesTheVerdictsExpected) {
  std::ifstream file(kTrees / GetParam() / "expect");
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    ++lines;
    const std::vector<std::string> want = Fields(line);
    const CheckOutcome outcome = Run(want[0]);
    std::string seen;
    bool found = false;
    for (const RowResult& row : outcome.rows) {
      seen +=
          row.subject + " | " + std::string(VerdictName(row.verdict)) + " | " + row.reason + "\n";
      found = found || (row.subject == want[1] && VerdictName(row.verdict) == want[2] &&
                        row.reason.find(want[3]) != std::string::npos);
    }
    EXPECT_TRUE(found) << line << "\n" << seen;
  }
  EXPECT_GT(lines, 0u);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kTrees)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, LoggingTree, testing::ValuesIn(Names()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(LoggingTrees, AreMany) { EXPECT_GE(Names().size(), 150u); }

}  // namespace
}  // namespace tom
