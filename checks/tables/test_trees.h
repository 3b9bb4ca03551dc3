// The shipped checks over a tree, held against the verdicts written beside it. For tests.
#ifndef TOM_CHECKS_TABLES_TEST_TREES_H_
#define TOM_CHECKS_TABLES_TEST_TREES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "checks/engine/catalogue_loader.h"
#include "checks/engine/check_runner.h"
#include "checks/env/env_posix.h"

namespace tom {

// A line of a file `expect`: "check | subject | verdict | text that the reason holds".
struct ExpectedVerdict {
  std::string check, subject, verdict, text;
};

inline std::vector<ExpectedVerdict> ExpectedVerdicts(const std::filesystem::path& file) {
  std::vector<ExpectedVerdict> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> parts;
    std::istringstream text(line);
    for (std::string part; std::getline(text, part, '|');) {
      part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
      part.erase(part.find_last_not_of(' ') + 1);
      parts.push_back(part);
    }
    if (parts.empty()) continue;
    parts.resize(4);
    all.push_back({parts[0], parts[1], parts[2], parts[3]});
  }
  return all;
}

inline const LoadedCatalogue& ShippedCatalogue() {
  static const LoadedCatalogue shipped = [] {
    const auto env = OpenPosixEnv(RootMode::kLive, "/");
    auto loaded = LoadCatalogue(**env, TOM_SOURCE_DIR "/checks");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? *std::move(loaded) : LoadedCatalogue{};
  }();
  return shipped;
}

// With the values that its parameters have when nobody sets them.
inline CheckOutcome RunShippedCheck(SqlEngine& engine, const std::string& id) {
  const auto& checks = ShippedCatalogue().catalogue.checks;
  const auto found = checks.find(id);
  if (found == checks.end()) {
    ADD_FAILURE() << "no check " << id;
    return {};
  }
  CheckJob job;
  job.check = found->second;
  for (const auto& [name, parameter] : job.check.parameters) job.values[name] = parameter.value;
  return RunCheck(engine, job);
}

inline std::string OutcomeText(const CheckOutcome& outcome) {
  std::string text;
  for (const RowResult& row : outcome.rows) {
    text += row.subject + " " + std::string(VerdictName(row.verdict)) + ": " + row.reason + "\n";
  }
  return text;
}

// Each check that `file` names is run once. Its outcomes.
inline std::map<std::string, CheckOutcome> HoldAgainstVerdicts(
    const std::filesystem::path& file, const std::function<CheckOutcome(const std::string&)>& run) {
  std::map<std::string, CheckOutcome> outcomes;
  const std::vector<ExpectedVerdict> expected = ExpectedVerdicts(file);
  EXPECT_FALSE(expected.empty()) << file;
  for (const ExpectedVerdict& one : expected) {
    if (!outcomes.contains(one.check)) outcomes[one.check] = run(one.check);
    const CheckOutcome& outcome = outcomes[one.check];
    const std::string told = one.check + " " + one.subject + "\n" + OutcomeText(outcome);
    const auto row = std::find_if(outcome.rows.begin(), outcome.rows.end(),
                                  [&](const RowResult& r) { return r.subject == one.subject; });
    if (row == outcome.rows.end()) {
      ADD_FAILURE() << "no row of " << told;
      continue;
    }
    EXPECT_EQ(VerdictName(row->verdict), one.verdict) << told;
    EXPECT_NE(row->reason.find(one.text), std::string::npos) << one.text << ": " << told;
  }
  return outcomes;
}

// The folders of `where`, sorted, and their names as GoogleTest takes them.
inline std::vector<std::string> TreesIn(const std::filesystem::path& where) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(where)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string TreeTestName(const testing::TestParamInfo<std::string>& tree) {
  std::string name = tree.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TEST_TREES_H_
