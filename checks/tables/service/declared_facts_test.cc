// The tables that only repeat what the configuration declares.
#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"
#include "evidence/row.h"

namespace tom {

Table data_paths_table();
Table declared_accounts_table();

namespace {

TEST(DataPaths, ListsWhatIsDeclaredAndReadsNothing) {
  Declared declared;
  declared.data_paths = {{.path = "/srv/a", .controllers = {"one", "two"}},
                         {.path = "/srv/b", .controllers = {}}};
  FakeEnv env;
  env.DenyAll();
  const Scan scan =
      ScanTable(data_paths_table(), env, {.declared = declared, .constraints = {}}, nullptr);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_TRUE(env.reads().empty());
  ASSERT_EQ(scan.rows.size(), 2u);
  EXPECT_EQ(ValueText(scan.rows[0][0]), "/srv/a");
  EXPECT_EQ(ValueText(scan.rows[0][1]), "one two");
  EXPECT_EQ(scan.rows[1][1], Value(""));
}

TEST(DeclaredAccounts, NamesAreHiddenAsThoseOfUsersAre) {
  Declared declared;
  declared.accounts = {.administrators = {"alice"},
                       .leavers = {"bob"},
                       .service_shells = {"postgres"},
                       .nopasswd_allowed = {"carol"}};
  FakeEnv env;
  const std::string key = "key";
  const Scan scan =
      ScanTable(declared_accounts_table(), env, {.declared = declared, .constraints = {}}, &key);
  EXPECT_TRUE(scan.incomplete.empty());
  const std::pair<const char*, const char*> wanted[] = {{"administrators", "alice"},
                                                        {"leavers", "bob"},
                                                        {"service_shells", "postgres"},
                                                        {"nopasswd_allowed", "carol"}};
  ASSERT_EQ(scan.rows.size(), std::size(wanted));
  for (size_t i = 0; i < scan.rows.size(); ++i) {
    EXPECT_EQ(ValueText(scan.rows[i][0]), wanted[i].first);
    EXPECT_EQ(ValueText(scan.rows[i][1]), Pseudonym(key, "user", wanted[i].second));
  }
}

}  // namespace
}  // namespace tom
