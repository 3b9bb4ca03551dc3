#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"

namespace tom {

Table sshd_logins_table();
Table sshd_effective_table();

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPasswd[] =
    "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n"
    "daemon:x:1:1::/:/usr/sbin/nologin\n";

Scan ScanOf(const Table& table, FakeEnv& env) {
  const Declared declared;
  return ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
}

std::string Cell(const Table& table, const ValueRow& row, const std::string& name) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return IsNull(row[i]) ? "NULL" : ValueText(row[i]);
  }
  ADD_FAILURE() << name;
  return "";
}

// "user connection methods enabled admitted"
std::vector<std::string> Lines(FakeEnv& env) {
  const Table table = sshd_logins_table();
  std::vector<std::string> lines;
  for (const ValueRow& row : ScanOf(table, env).rows) {
    std::string line;
    for (const char* name : {"user", "connection", "methods", "enabled", "admitted"}) {
      line += (line.empty() ? "" : "|") + Cell(table, row, name);
    }
    lines.push_back(line);
  }
  return lines;
}

void Fill(FakeEnv& env, const std::string& config) {
  env.AddFile("/etc/passwd", kPasswd).AddFile("/etc/nsswitch.conf", "passwd: files\n");
  env.AddFile("/etc/group", "root:x:0:\nwheel:x:10:alice\n");
  env.AddFile("/etc/ssh/sshd_config", config);
}

TEST(SshdLogins, ARowForEachAlternative) {
  FakeEnv env;
  Fill(env,
       "KbdInteractiveAuthentication no\nMatch User alice\nAuthenticationMethods "
       "publickey,password\n");
  env.SetMode(RootMode::kDeadTree);
  EXPECT_THAT(Lines(env), ElementsAre("NULL|any|publickey|1|1", "NULL|any|password|1|1",
                                      "root|any|publickey|1|1", "root|any|password|1|1",
                                      "alice|any|publickey,password|1|1"));
  EXPECT_THAT(ScanOf(sshd_logins_table(), env).incomplete, IsEmpty());
}

TEST(SshdLogins, AMethodThatIsOffIsNotEnabledAndNothingOfferedIsARow) {
  FakeEnv env;
  Fill(env,
       "KbdInteractiveAuthentication no\nAuthenticationMethods publickey,password\n"
       "Match User *\nPasswordAuthentication no\n"
       "Match User alice\nPubkeyAuthentication no\n");
  env.SetMode(RootMode::kDeadTree);
  EXPECT_THAT(Lines(env),
              ElementsAre("NULL|any|publickey,password|0|1", "root|any|publickey,password|0|1",
                          "alice|any|publickey,password|0|1"));
  Fill(env,
       "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPubkeyAuthentication no\n");
  EXPECT_THAT(Lines(env), ElementsAre("NULL|any||0|1", "root|any||0|1", "alice|any||0|1"));
}

TEST(SshdLogins, ListsOfUsersAndGroupsAdmit) {
  struct Case {
    const char* lists;
    const char* root;
    const char* alice;
  };
  const Case cases[] = {
      {"AllowUsers alice\n", "0", "1"},
      {"AllowUsers alice@10.0.0.0/8\n", "0", "1"},
      {"DenyUsers alice\n", "1", "0"},
      {"DenyUsers alice@10.0.0.0/8\n", "1", "1"},
      {"AllowGroups wheel\n", "0", "1"},
      {"DenyGroups w*\n", "1", "0"},
      {"AllowUsers *\nDenyUsers r*\n", "0", "1"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    Fill(env,
         std::string("PasswordAuthentication no\nKbdInteractiveAuthentication no\n") + c.lists);
    env.SetMode(RootMode::kDeadTree);
    EXPECT_THAT(Lines(env), ElementsAre("NULL|any|publickey|1|NULL",
                                        std::string("root|any|publickey|1|") + c.root,
                                        std::string("alice|any|publickey|1|") + c.alice))
        << c.lists;
  }
}

TEST(SshdLogins, ConnectionsThatBlocksTellApartAreRows) {
  FakeEnv env;
  Fill(env,
       "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
       "Match Address 10.0.0.0/8,!10.1.0.0/16 User alice\nPasswordAuthentication yes\n");
  env.SetMode(RootMode::kDeadTree);
  EXPECT_THAT(
      Lines(env),
      ElementsAre("NULL|from 203.0.113.77|publickey|1|1", "NULL|from 10.0.0.0|publickey|1|1",
                  "root|from 203.0.113.77|publickey|1|1", "root|from 10.0.0.0|publickey|1|1",
                  "alice|from 203.0.113.77|publickey|1|1", "alice|from 10.0.0.0|publickey|1|1",
                  "alice|from 10.0.0.0|password|1|1"));
}

TEST(SshdLogins, WhatWasNotReadIsSaid) {
  const auto reasons = [](const std::function<void(FakeEnv&)>& spoil) {
    FakeEnv env;
    Fill(env, "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n");
    env.SetMode(RootMode::kDeadTree);
    spoil(env);
    std::string all;
    for (const std::string& reason : ScanOf(sshd_logins_table(), env).incomplete)
      all += reason + "\n";
    return all;
  };
  EXPECT_EQ(reasons([](FakeEnv&) {}), "");
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddNode("/etc/ssh/sshd_config.d/a.conf", {.kind = FileKind::kFifo});
              }),
              HasSubstr("a.conf"));
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddFile("/etc/ssh/sshd_config.d/a.conf", std::string((1 << 20) + 1, '\n'));
              }),
              HasSubstr("a.conf"));
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddError("/etc/ssh/sshd_config.d",
                             absl::PermissionDeniedError("/etc/ssh/sshd_config.d: no"));
              }),
              HasSubstr("sshd_config.d"));
  EXPECT_THAT(
      reasons([](FakeEnv& env) { env.AddLink("/etc/ssh/sshd_config.d/a.conf", "/nowhere"); }),
      HasSubstr("leads nowhere"));
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddFile("/etc/default/ssh", "SSHD_OPTS=\"-o PermitRootLogin=yes\"\n");
              }),
              HasSubstr("options of its own"));
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddFile("/etc/systemd/system/ssh.service.d/x.conf",
                            "[Service]\nExecStart=/usr/sbin/sshd -D -f /x\n");
              }),
              HasSubstr("x.conf starts sshd"));
  EXPECT_THAT(reasons([](FakeEnv& env) {
                env.AddFile("/proc/77/comm", "sshd\n");
                env.AddFile("/proc/77/cmdline",
                            "sshd: /usr/sbin/sshd -D -oPermitRootLogin=yes [listener] 0 of 10-100");
              }),
              HasSubstr("running sshd was started"));
  EXPECT_THAT(reasons([](FakeEnv& env) { env.AddFile("/usr/sbin/dropbear", ""); }),
              HasSubstr("dropbear"));
  EXPECT_THAT(
      reasons([](FakeEnv& env) { env.AddFile("/etc/nsswitch.conf", "passwd: files sss\n"); }),
      HasSubstr("sss"));
}

TEST(SshdLogins, NoServerGivesNoRowsAndAServerWithoutConfigurationIsUnknown) {
  FakeEnv env;
  env.AddFile("/etc/passwd", kPasswd);
  EXPECT_THAT(Lines(env), IsEmpty());
  EXPECT_THAT(ScanOf(sshd_logins_table(), env).incomplete, IsEmpty());
  env.AddFile("/usr/sbin/sshd", "");
  EXPECT_THAT(Lines(env), IsEmpty());
  EXPECT_THAT(ScanOf(sshd_logins_table(), env).incomplete,
              ElementsAre(HasSubstr("/etc/ssh/sshd_config")));
}

constexpr char kOutput[] =
    "usepam yes\npermitrootlogin without-password\npubkeyauthentication "
    "yes\npasswordauthentication no\n"
    "kbdinteractiveauthentication no\npermitemptypasswords no\nauthenticationmethods "
    "any\nallowusers alice\n"
    "allowusers bob\nport 22\n";

std::string Command(const std::string& user) {
  return "/usr/sbin/sshd -T -C user=" + user +
         ",host=203.0.113.77,addr=203.0.113.77,laddr=192.0.2.1,lport=22";
}

TEST(SshdEffective, ALiveServerAnswersForItself) {
  FakeEnv env;
  Fill(env, "PasswordAuthentication no\nUsePAM no\n");
  env.AddProgram(Command("_account-in-no-local-file"), ProgramResult{0, kOutput, ""});
  const Table table = sshd_effective_table();
  const Scan scan = ScanOf(table, env);
  EXPECT_THAT(scan.incomplete, IsEmpty());
  std::map<std::string, std::string> alice;
  for (const ValueRow& row : scan.rows) {
    if (Cell(table, row, "user") != "alice") continue;
    alice[Cell(table, row, "option")] = Cell(table, row, "value") + "|" +
                                        Cell(table, row, "names") + "|" + Cell(table, row, "file") +
                                        "|" + Cell(table, row, "source");
  }
  EXPECT_EQ(alice["permitrootlogin"], "prohibit-password|NULL|NULL|sshd");
  EXPECT_EQ(alice["passwordauthentication"], "no|NULL|/etc/ssh/sshd_config|sshd");
  EXPECT_EQ(alice["usepam"], "yes|NULL|NULL|sshd");
  EXPECT_EQ(alice["allowusers"], "NULL|alice bob|NULL|sshd");
  EXPECT_EQ(alice.count("x11forwarding"), 0u);
}

TEST(SshdEffective, AServerThatDoesNotAnswerLeavesTheFilesAndADoubt) {
  FakeEnv env;
  Fill(env, "PasswordAuthentication no\n");
  env.AddProgram(Command("_account-in-no-local-file"),
                 ProgramResult{255, "", "no hostkeys available\n"});
  const Scan scan = ScanOf(sshd_effective_table(), env);
  EXPECT_FALSE(scan.rows.empty());
  EXPECT_THAT(scan.incomplete, ElementsAre(HasSubstr("no hostkeys available")));
}

// What sshd says when it has accepted its configuration and only its service was never started.
TEST(SshdEffective, OnlyAMissingDirectoryOfTheServiceLeavesNoDoubt) {
  struct Case {
    const char* name;
    int status;
    const char* error;
    const char* exists;  // a directory
    bool doubt;
  };
  static constexpr char kSaid[] = "Missing privilege separation directory: /run/sshd\r\n";
  const Case cases[] = {
      {"as it is", 255, kSaid, "/run", false},
      {"after a warning", 255,
       "/etc/ssh/sshd_config line 1: Deprecated option RSAAuthentication\r\n"
       "Missing privilege separation directory: /run/sshd\r\n",
       "/run", false},
      {"it is there", 255, kSaid, "/run/sshd", true},
      {"another status", 1, kSaid, "/run", true},
      {"more after it", 255,
       "Missing privilege separation directory: /run/sshd\nterminating, 1 bad option\n", "/run",
       true},
      {"in another message", 255,
       "line 1: bad: Missing privilege separation directory: /run/sshd\n", "/run", true},
      {"no directory named", 255, "Missing privilege separation directory: \n", "/run", true},
      {"not ours alone", 255, "/run/sshd must be owned by root and not group or world-writable.\n",
       "/run", true},
      {"silence", 255, "", "/run", true},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    Fill(env, "PasswordAuthentication no\n");
    env.AddDirectory(c.exists);
    env.AddProgram(Command("_account-in-no-local-file"), ProgramResult{c.status, "", c.error});
    const Table table = sshd_effective_table();
    const Scan scan = ScanOf(table, env);
    EXPECT_EQ(!scan.incomplete.empty(), c.doubt) << c.name;
    ASSERT_FALSE(scan.rows.empty()) << c.name;
    EXPECT_EQ(Cell(table, scan.rows[0], "source"), "files") << c.name;
  }
}

}  // namespace
}  // namespace tom
