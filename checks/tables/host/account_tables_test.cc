// users, groups, user_groups, shadow and home_directories over odd and hostile account files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/env/env_posix.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"
#include "checks/tables/table_cells.h"

namespace tom {

Table groups_table();
Table home_directories_table();
Table shadow_table();
Table user_groups_table();
Table users_table();

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n"
    "bob:x:1001:100::/home/bob:/bin/sh\n";
constexpr char kGroup[] =
    "root:x:0:\nusers:x:100:\nalice:x:1000:\nsudo:x:27:alice,ghost,bob,alice\n";
constexpr char kShadow[] =
    "root:!:19000::::::\nalice:$y$j9T$s$h:19000:0:99999:7:30:20000:\nbob::0::::::\n";

void Fill(FakeEnv& env) {
  env.AddFile("/etc/passwd", kPasswd).AddFile("/etc/group", kGroup).AddFile("/etc/shadow", kShadow);
  env.AddFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\n");
}

std::vector<Table> AccountTables() {
  return {users_table(), groups_table(), user_groups_table(), shadow_table(),
          home_directories_table()};
}

// What each table must read whole; it says so when it cannot.
const std::map<std::string, std::vector<std::string>> kSources = {
    {"users", {"/etc/passwd"}},
    {"groups", {"/etc/group"}},
    {"user_groups", {"/etc/passwd", "/etc/group"}},
    {"shadow", {"/etc/passwd", "/etc/shadow"}},
    {"home_directories", {"/etc/passwd", "/etc/group"}},
};

TEST(AccountTables, ASourceThatIsNoReadableFileIsSaid) {
  struct Odd {
    const char* name;
    void (*make)(FakeEnv& env, const std::string& path);
  };
  const Odd odds[] = {
      {"FIFO",
       [](FakeEnv& env, const std::string& path) { env.AddNode(path, {.kind = FileKind::kFifo}); }},
      {"device",
       [](FakeEnv& env, const std::string& path) {
         env.AddBlockDevice(path, 7, "root:x:0:0::/:/bin/sh\n");
       }},
      {"socket", [](FakeEnv& env,
                    const std::string& path) { env.AddNode(path, {.kind = FileKind::kSocket}); }},
      {"loop", [](FakeEnv& env, const std::string& path) { env.AddLink(path, path); }},
      {"dangling link",
       [](FakeEnv& env, const std::string& path) { env.AddLink(path, "/absent"); }},
      {"denied", [](FakeEnv& env,
                    const std::string& path) { env.AddError(path, ErrnoStatus(EACCES, path)); }},
      {"too large",
       [](FakeEnv& env, const std::string& path) {
         env.AddFile(path, std::string(kDefaultMaxFileBytes + 1, '\n'));
       }},
      {"NUL in a line",
       [](FakeEnv& env, const std::string& path) {
         env.AddFile(path, std::string("eve:x:0:0:\0:/:/bin/sh\n", 22));
       }},
      {"NIS", [](FakeEnv& env, const std::string& path) { env.AddFile(path, "+::::::\n"); }},
      {"a line of 70,000 bytes",
       [](FakeEnv& env, const std::string& path) {
         env.AddFile(path, std::string(70000, 'a') + ":x:0:0::/:/bin/sh\n");
       }},
      {"no text",
       [](FakeEnv& env, const std::string& path) { env.AddFile(path, "\177ELF\2\1\1\n"); }},
  };
  for (const Table& table : AccountTables()) {
    for (const std::string& path : kSources.at(table.name)) {
      for (const Odd& odd : odds) {
        FakeEnv env;
        Fill(env);
        odd.make(env, path);
        const Scan scan = ScanAll(table, env);
        EXPECT_THAT(scan.incomplete, Not(IsEmpty()))
            << table.name << ": " << path << ": " << odd.name;
        EXPECT_THAT(scan.incomplete, Contains(HasSubstr(path))) << odd.name;
      }
    }
  }
}

TEST(AccountTables, AccountsThatComeFromElsewhereAreSaid) {
  const char* sources[] = {
      "ldap",        "sss",        "nis", "winbind", "db", "mymachines", "[NOTFOUND=continue] sss",
      "sss # local", "files\tldap"};
  for (const char* source : sources) {
    const std::string line = std::string(": files ") + source + "\n";
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/nsswitch.conf", "passwd" + line + "group" + line + "shadow" + line);
    for (const Table& table : AccountTables()) {
      EXPECT_THAT(ScanAll(table, env).incomplete, Contains(HasSubstr("which is not read")))
          << table.name << ": " << source;
    }
  }
}

TEST(AccountTables, ANsswitchThatCannotBeReadIsSaid) {
  FakeEnv env;
  Fill(env);
  env.AddNode("/etc/nsswitch.conf", {.kind = FileKind::kFifo});
  for (const Table& table : AccountTables()) {
    EXPECT_THAT(ScanAll(table, env).incomplete, Contains(HasSubstr("/etc/nsswitch.conf")))
        << table.name;
  }
}

TEST(AccountTables, AreCompleteOverPlainFiles) {
  for (const bool no_last_line_end : {false, true}) {
    FakeEnv env;
    Fill(env);
    if (no_last_line_end) {
      for (const char* path : {"/etc/passwd", "/etc/group", "/etc/shadow"}) {
        std::string text = *env.ReadFile(path, 1 << 20);
        text.pop_back();
        env.AddFile(path, text);
      }
    }
    const size_t rows[] = {3, 4, 6, 3, 3};
    const std::vector<Table> tables = AccountTables();
    for (size_t i = 0; i < tables.size(); ++i) {
      const Scan scan = ScanAll(tables[i], env);
      EXPECT_THAT(scan.incomplete, IsEmpty()) << tables[i].name;
      EXPECT_THAT(scan.rows, SizeIs(rows[i])) << tables[i].name;
    }
  }
}

TEST(UsersTable, DuplicatesAndOddNamesAllStand) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/passwd",
              "root:x:0:0::/root:/bin/bash\r\n  toor:x:0:0::/root:/bin/sh\nroot:x:5:5::/:/bin/sh\n"
              "#gone:x:0:0::/:/bin/sh\n<b>x</b>:x:1:1:&amp;:/:/bin/sh\n$(id):x:2:2::/:\n"
              "nobody:*:4294967295:65534::/:/bin/false\n");
  const Table table = users_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"username", "uid", "shell"}),
              ElementsAre("root|0|/bin/bash\r", "toor|0|/bin/sh", "root|5|/bin/sh",
                          "<b>x</b>|1|/bin/sh", "$(id)|2|", "nobody|4294967295|/bin/false"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(UsersTable, MoreAccountsThanAreReadIsSaid) {
  std::string text;
  for (int i = 0; i < 100001; ++i) text += "u:x:1:1::/:\n";
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/passwd", text);
  EXPECT_THAT(ScanAll(users_table(), env).incomplete, Contains(HasSubstr("100,000")));
}

TEST(GroupsTable, GivesIdsSignedAndNot) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/group", "root:x:0:\nbig:x:4294967295:\nroot:x:7:\nadm::0:\n");
  const Table table = groups_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"groupname", "gid", "gid_signed"}),
              ElementsAre("root|0|0", "big|4294967295|-1", "root|7|7", "adm|0|0"));
}

TEST(UserGroupsTable, MembersOnceAndGhostsWithoutAnId) {
  FakeEnv env;
  Fill(env);
  const Table table = user_groups_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"username", "uid", "groupname", "is_primary"}),
              ElementsAre("root|0|root|1", "alice|1000|alice|1", "bob|1001|users|1",
                          "alice|1000|sudo|0", "ghost|NULL|sudo|0", "bob|1001|sudo|0"));
}

// The group that decides is the id's: a second name of it gives the same rights.
TEST(UserGroupsTable, TwoNamesOfOneId) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/group", "sudo:x:27:alice\nharmless:x:27:bob\n");
  const Table table = user_groups_table();
  const auto lines = CellLines(table, ScanAll(table, env), {"username", "gid", "is_primary"});
  EXPECT_THAT(lines, Contains("alice|27|0"));
  EXPECT_THAT(lines, Contains("bob|27|0"));
}

TEST(UserGroupsTable, APrimaryGroupWithoutANameStands) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/passwd", "alice:x:1000:4711::/home/alice:/bin/sh\n");
  const Table table = user_groups_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"username", "gid", "groupname", "is_primary"}),
              Contains("alice|4711|NULL|1"));
}

TEST(ShadowTable, TellsStatesAndDates) {
  FakeEnv env;
  Fill(env);
  const Table table = shadow_table();
  EXPECT_THAT(
      CellLines(table, ScanAll(table, env),
                {"username", "password_status", "hash_alg", "max", "inactive", "expire", "source"}),
      ElementsAre("root|locked||NULL|NULL|NULL|/etc/shadow",
                  "alice|active|y|99999|30|20000|/etc/shadow",
                  "bob|empty||NULL|NULL|NULL|/etc/shadow"));
}

// Whatever is not `x` in passwd is the password itself.
TEST(ShadowTable, PasswordsThatStandInPasswd) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/passwd",
              "a::1:1::/:\nb:x:2:2::/:\nc:$1$s$h:3:3::/:\nd:*:4:4::/:\ne:abcdefghijklm:5:5::/:\n"
              "f:X:6:6::/:\n");
  env.AddFile("/etc/shadow", "b:!!:1::::::\n  c::1::::::\n");
  const Table table = shadow_table();
  EXPECT_THAT(
      CellLines(table, ScanAll(table, env), {"username", "password_status", "hash_alg", "source"}),
      ElementsAre("a|empty||/etc/passwd", "c|active|1|/etc/passwd", "d|locked||/etc/passwd",
                  "e|active|des|/etc/passwd", "f|active||/etc/passwd", "b|not_set||/etc/shadow",
                  "c|empty||/etc/shadow"));
}

TEST(ShadowTable, HashesNeverLeaveIt) {
  FakeEnv env;
  Fill(env);
  const Table table = shadow_table();
  for (const ValueRow& row : ScanAll(table, env).rows) {
    for (const Value& cell : row) EXPECT_EQ(ValueText(cell).find("j9T"), std::string::npos);
  }
}

TEST(HomeDirectoriesTable, OwnersModesAndGroups) {
  FakeEnv env;
  Fill(env);
  env.AddDirectory("/root", 0700);
  env.AddDirectory("/home/alice", 0775).SetOwner("/home/alice", 1000, 1000);
  env.AddLink("/home/bob", "/srv/bob")
      .AddDirectory("/srv/bob", 01777)
      .SetOwner("/srv/bob", 1001, 27);
  const Table table = home_directories_table();
  EXPECT_THAT(
      CellLines(table, ScanAll(table, env),
                {"username", "found", "owner", "mode", "others_write", "group_write", "group_own"}),
      ElementsAre("root|1|0|0700|0|0|1", "alice|1|1000|0775|0|1|1", "bob|1|1001|1777|1|1|0"));
}

TEST(HomeDirectoriesTable, WhatCannotBeExaminedIsSaidAndHasNoMode) {
  struct Case {
    const char* directory;
    bool said;
    const char* found;
  };
  for (const Case& c : {Case{"/home/denied", true, "NULL"},
                        {"/home/loop", true, "NULL"},
                        {"/home/absent", false, "0"},
                        {"relative", false, "0"},
                        {"", false, "0"}}) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/passwd", std::string("alice:x:1000:1000::") + c.directory + ":/bin/sh\n");
    env.AddDirectory("/home/denied").AddError("/home/denied", ErrnoStatus(EACCES, "/home/denied"));
    env.AddLink("/home/loop", "/home/loop");
    const Table table = home_directories_table();
    const Scan scan = ScanAll(table, env);
    EXPECT_EQ(!scan.incomplete.empty(), c.said) << c.directory;
    EXPECT_THAT(CellLines(table, scan, {"found", "mode", "others_write"}),
                ElementsAre(std::string(c.found) + "|NULL|NULL"))
        << c.directory;
  }
}

// Names of people stay out of what is said about their homes.
TEST(HomeDirectoriesTable, ReasonsNameNoHome) {
  FakeEnv env;
  Fill(env);
  env.AddDirectory("/home/alice").AddError("/home/alice", ErrnoStatus(EACCES, "/home/alice"));
  EXPECT_THAT(ScanAll(home_directories_table(), env).incomplete, Not(Contains(HasSubstr("alice"))));
}

}  // namespace
}  // namespace tom
