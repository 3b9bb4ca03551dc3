// What every fact table must hold, whichever it is.
#include <gtest/gtest.h>

#include <set>

#include "checks/engine/scan.h"
#include "checks/engine/sql_engine.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"
#include "checks/env/fake_env.h"

namespace tom {
namespace {

class EveryTable : public testing::TestWithParam<Table> {};

bool NeedsConstraint(const Table& table) {
  for (const Column& column : table.columns) {
    if (column.required) return true;
  }
  return false;
}

Scan ScanAll(const Table& table, Env& env, const std::string* key = nullptr) {
  const Declared declared;
  return ScanTable(table, env, {.declared = declared, .constraints = {}}, key);
}

TEST_P(EveryTable, IsDescribedAndHasNoColumnTwice) {
  const Table& table = GetParam();
  EXPECT_FALSE(table.description.empty());
  std::set<std::string> names;
  for (const Column& column : table.columns) {
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
    EXPECT_FALSE(column.description.empty()) << column.name;
    EXPECT_EQ(column.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string::npos)
        << column.name;
    EXPECT_TRUE(column.personal.empty() || column.type == ColumnType::kText) << column.name;
  }
}

TEST_P(EveryTable, ADeniedSourceIsSaid) {
  const Table& table = GetParam();
  if (NeedsConstraint(table)) return;
  FakeEnv env;
  env.DenyAll();
  const Scan scan = ScanAll(table, env);
  // A table over declared facts alone reads nothing, and has then nothing to say.
  EXPECT_TRUE(env.reads().empty() || !scan.incomplete.empty());
}

TEST_P(EveryTable, GivesItsDeclaredTypesOnThisHost) {
  const Table& table = GetParam();
  if (NeedsConstraint(table)) return;
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  for (const std::string& reason : ScanAll(table, **env).incomplete) {
    EXPECT_EQ(reason.find("is not of its type"), std::string::npos) << reason;
    EXPECT_EQ(reason.find("has no column"), std::string::npos) << reason;
  }
}

TEST_P(EveryTable, PersonalColumnsArePseudonymised) {
  const Table& table = GetParam();
  if (NeedsConstraint(table)) return;
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  const std::string key = "key";
  for (const ValueRow& row : ScanAll(table, **env, &key).rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (table.columns[i].personal.empty() || IsNull(row[i])) continue;
      ASSERT_EQ(ValueText(row[i]).substr(0, 2), "p:") << table.columns[i].name;
    }
  }
}

TEST_P(EveryTable, CanBeNamedInAQuery) {
  const Table& table = GetParam();
  FakeEnv env;
  auto engine = SqlEngine::Create({table}, env, {});
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::string sql = "SELECT count(*) FROM " + table.name;
  for (const Column& column : table.columns) {
    if (column.required)
      sql +=
          (sql.find(" WHERE ") == std::string::npos ? " WHERE " : " AND ") + column.name + " = 'x'";
  }
  EXPECT_TRUE((*engine)->Run(sql, {}).ok()) << (*engine)->Run(sql, {}).status();
}

INSTANTIATE_TEST_SUITE_P(AllTables, EveryTable, testing::ValuesIn(AllTables()),
                         [](const auto& one) { return one.param.name; });

TEST(AllTables, NamesAreUnique) {
  std::set<std::string> names;
  for (const Table& table : AllTables()) EXPECT_TRUE(names.insert(table.name).second) << table.name;
}

}  // namespace
}  // namespace tom
