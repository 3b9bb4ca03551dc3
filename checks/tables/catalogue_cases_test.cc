// Every shipped check: its lint, its cases and their mutations. Stands here, not in engine/, for it
// needs all tables.
#include <gtest/gtest.h>

#include <iostream>

#include "checks/engine/case_driver.h"
#include "checks/engine/check_lint.h"
#include "checks/engine/table.h"
#include "checks/tables/test_trees.h"

namespace tom {
namespace {

TEST(ShippedCatalogue, LoadsAndIsCanonical) {
  const LoadedCatalogue& loaded = ShippedCatalogue();
  ASSERT_FALSE(loaded.sources.empty());
  const std::string bytes = EncodeCatalogue(loaded.catalogue);
  const auto back = ParseCatalogue(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(EncodeCatalogue(*back), bytes);
}

TEST(ShippedCatalogue, EveryCheckHoldsItsLint) {
  const std::vector<Table> tables = AllTables();
  for (const auto& [id, source] : ShippedCatalogue().sources) {
    for (const std::string& finding : LintCheck(source, tables)) ADD_FAILURE() << finding;
  }
}

TEST(ShippedCatalogue, EveryCaseGivesItsRowsAndNoMissingFactPasses) {
  const std::vector<Table> tables = AllTables();
  size_t checks = 0;
  CaseReport all;
  for (const auto& [id, source] : ShippedCatalogue().sources) {
    const CaseReport report = RunCases(source, tables);
    for (const std::string& problem : report.problems) ADD_FAILURE() << problem;
    EXPECT_GT(report.mutations, 0u) << id;
    ++checks;
    all.cases += report.cases;
    all.mutations += report.mutations;
  }
  EXPECT_GT(checks, 0u);
  std::cout << checks << " checks, " << all.cases << " cases, " << all.mutations << " mutations\n";
}

}  // namespace
}  // namespace tom
