#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"

namespace tom {

Table users_table();

namespace {

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\n";

Scan ScanUsers(FakeEnv& env) {
  const Declared declared;
  return ScanTable(users_table(), env, {.declared = declared, .constraints = {}}, nullptr);
}

TEST(UsersTable, ReadsTheFile) {
  FakeEnv env;
  env.AddFile("/etc/passwd", kPasswd).AddFile("/etc/nsswitch.conf", "passwd: files systemd\n");
  const Scan scan = ScanUsers(env);
  ASSERT_EQ(scan.rows.size(), 2u);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_EQ(std::get<int64_t>(scan.rows[1][0]), 1000);
  EXPECT_EQ(ValueText(scan.rows[1][2]), "alice");
  EXPECT_EQ(ValueText(scan.rows[1][6]), "/etc/passwd");
}

TEST(UsersTable, SaysWhatItDidNotRead) {
  struct Case {
    const char* passwd;
    const char* nsswitch;
    const char* record;
    const char* reason;
  };
  const Case cases[] = {
      {nullptr, "passwd: files\n", nullptr,
       "users: /etc/passwd: No such file or directory (ENOENT)"},
      {kPasswd, "passwd: files sss\n", nullptr,
       "users: accounts also come from sss, which is not read"},
      {kPasswd, "passwd: files systemd\n", "/etc/userdb/eve.user",
       "users: user records in /etc/userdb are not read"},
      {"root:x:0:0\n", "passwd: files\n", nullptr, "users: /etc/passwd line 1: not seven fields"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    if (c.passwd != nullptr) env.AddFile("/etc/passwd", c.passwd);
    if (c.record != nullptr) env.AddFile(c.record, "{}");
    env.AddFile("/etc/nsswitch.conf", c.nsswitch);
    const Scan scan = ScanUsers(env);
    ASSERT_EQ(scan.incomplete.size(), 1u) << c.reason;
    EXPECT_EQ(scan.incomplete[0], c.reason);
  }
}

TEST(UsersTable, AFifoOrAHugeFileIsNotRead) {
  FakeEnv env;
  env.AddNode("/etc/passwd", {.kind = FileKind::kFifo});
  EXPECT_EQ(ScanUsers(env).incomplete.size(), 1u);
  env.AddFile("/etc/passwd", std::string(kDefaultMaxFileBytes + 1, '\n'));
  EXPECT_EQ(ScanUsers(env).incomplete.size(), 1u);
}

}  // namespace
}  // namespace tom
