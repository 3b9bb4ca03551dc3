// authorized_keys, user_ssh_keys, ssh_configs, sudoers and sudo_rules over odd and hostile homes
// and drop-ins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "checks/env/env_posix.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"
#include "checks/tables/table_cells.h"

namespace tom {

Table authorized_keys_table();
Table ssh_configs_table();
Table sudo_rules_table();
Table sudoers_table();
Table user_ssh_keys_table();

namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kPrivate[] = "-----BEGIN PRIVATE KEY-----\nMHc\n-----END PRIVATE KEY-----\n";

void Fill(FakeEnv& env) {
  env.AddFile("/etc/passwd",
              "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n");
  env.AddFile("/etc/group", "root:x:0:\nsudo:x:27:alice\nalice:x:1000:\n");
  env.AddFile("/etc/shadow", "root:!:19000::::::\nalice:$6$s$h:19000::::::\n");
  env.AddFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\n");
  env.AddFile("/etc/hostname", "web1\n").AddFile("/etc/ssh/sshd_config", "\n");
  env.AddFile("/etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\n", 0440);
  env.AddDirectory("/home/alice/.ssh", 0700);
  env.SetMode(RootMode::kDeadTree);
}

using Make = void (*)(FakeEnv& env, const std::string& path);
struct Odd {
  const char* name;
  Make make;
};

// What may hide something and cannot be looked into.
const Odd kUnreadable[] = {
    {"denied",
     [](FakeEnv& env, const std::string& path) {
       env.AddFile(path, "x").AddError(path, ErrnoStatus(EACCES, path));
     }},
    {"input/output error",
     [](FakeEnv& env, const std::string& path) {
       env.AddFile(path, "x").AddError(path, ErrnoStatus(EIO, path));
     }},
    {"loop", [](FakeEnv& env, const std::string& path) { env.AddLink(path, path); }},
};

TEST(KeyTables, WhatCannotBeLookedIntoIsSaid) {
  struct Place {
    Table table;
    const char* path;
  };
  const Place places[] = {{authorized_keys_table(), "/home/alice/.ssh/authorized_keys"},
                          {authorized_keys_table(), "/home/alice/.ssh/authorized_keys2"},
                          {authorized_keys_table(), "/etc/passwd"},
                          {user_ssh_keys_table(), "/home/alice/.ssh"},
                          {user_ssh_keys_table(), "/home/alice/.ssh/id_rsa"},
                          {user_ssh_keys_table(), "/etc/passwd"},
                          {ssh_configs_table(), "/home/alice/.ssh/config"},
                          {ssh_configs_table(), "/etc/ssh/ssh_config"},
                          {ssh_configs_table(), "/etc/passwd"},
                          {sudoers_table(), "/etc/sudoers"},
                          {sudo_rules_table(), "/etc/sudoers"},
                          {sudo_rules_table(), "/etc/passwd"},
                          {sudo_rules_table(), "/etc/group"}};
  for (const Place& place : places) {
    for (const Odd& odd : kUnreadable) {
      FakeEnv env;
      Fill(env);
      odd.make(env, place.path);
      EXPECT_THAT(ScanAll(place.table, env).incomplete, Not(IsEmpty()))
          << place.table.name << ": " << place.path << ": " << odd.name;
    }
  }
}

TEST(KeyTables, AccountsThatComeFromElsewhereAreSaid) {
  for (const Table& table :
       {authorized_keys_table(), user_ssh_keys_table(), ssh_configs_table(), sudo_rules_table()}) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/nsswitch.conf", "passwd: files sss\ngroup: files sss\n");
    EXPECT_THAT(ScanAll(table, env).incomplete, Contains(HasSubstr("sss"))) << table.name;
  }
}

TEST(KeyTables, AccountsThatCannotBeReadAreSaid) {
  for (const Table& table :
       {authorized_keys_table(), user_ssh_keys_table(), ssh_configs_table(), sudo_rules_table()}) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n+::::::\n");
    EXPECT_THAT(ScanAll(table, env).incomplete, Contains(HasSubstr("line 2"))) << table.name;
  }
}

TEST(AuthorizedKeysTable, OddLinesStandOrAreSaid) {
  struct Case {
    const char* name;
    std::string text;
    size_t rows;
    bool said;
  };
  const Case cases[] = {
      {"CRLF", "ssh-ed25519 AAAA a\r\nssh-ed25519 BBBB b\r\n", 2, false},
      {"no last line end", "ssh-ed25519 AAAA", 1, false},
      {"blanks and comments", "\n  # c\n\t ssh-ed25519 AAAA a\n", 1, false},
      {"quoted option with blanks", "command=\"a \\\" b\",no-pty ssh-ed25519 AAAA a\n", 1, false},
      {"markup", "ssh-ed25519 AAAA <script>alert(1)</script>\n", 1, false},
      {"binary", std::string("ssh-ed25519 AA\0AA a\n", 20), 0, true},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/home/alice/.ssh/authorized_keys", c.text, 0600);
    const Scan scan = ScanAll(authorized_keys_table(), env);
    if (!c.said) {
      EXPECT_THAT(scan.rows, SizeIs(c.rows)) << c.name;
    }
    EXPECT_EQ(!scan.incomplete.empty(), c.said)
        << c.name << testing::PrintToString(scan.incomplete);
  }
}

TEST(AuthorizedKeysTable, AFileOfManyKeysIsBounded) {
  FakeEnv env;
  Fill(env);
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "ssh-ed25519 AAAA" + std::to_string(i) + " x\n";
  env.AddFile("/home/alice/.ssh/authorized_keys", text, 0600);
  const Scan scan = ScanAll(authorized_keys_table(), env);
  EXPECT_TRUE(scan.rows.size() == 20000 || !scan.incomplete.empty()) << scan.rows.size();
  env.AddFile("/home/alice/.ssh/authorized_keys", std::string(5 << 20, '\n'), 0600);
  EXPECT_THAT(ScanAll(authorized_keys_table(), env).incomplete, Not(IsEmpty()));
}

TEST(UserSshKeysTable, KeysByLinkAndUnderAnyName) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/srv/elsewhere", kPrivate, 0644);
  env.AddLink("/home/alice/.ssh/id_ed25519", "/srv/elsewhere");
  env.AddFile("/home/alice/.ssh/<b>.txt", kPrivate, 0600);
  env.AddNode("/home/alice/.ssh/fifo", {.kind = FileKind::kFifo});
  env.AddLink("/home/alice/.ssh/dangling", "/absent");
  env.AddDirectory("/home/alice/.ssh/folder");
  const Table table = user_ssh_keys_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"path", "encrypted", "file_mode"}),
              ElementsAre("/home/alice/.ssh/<b>.txt|0|384", "/home/alice/.ssh/id_ed25519|0|420"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(UserSshKeysTable, TenThousandFilesAreBounded) {
  FakeEnv env;
  Fill(env);
  for (int i = 0; i < 10000; ++i) env.AddFile("/home/alice/.ssh/" + std::to_string(i), "x");
  EXPECT_THAT(ScanAll(user_ssh_keys_table(), env).incomplete, Contains(HasSubstr("more files")));
}

TEST(SshConfigsTable, OddSpellings) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/ssh/ssh_config",
              "  StrictHostKeyChecking\tno\r\n#x\nHOST=*.example.org\nForwardAgent = "
              "\"yes\"\nProxyCommand");
  env.AddFile("/etc/ssh/ssh_config.d/b.conf", "SendEnv B\n");
  env.AddFile("/etc/ssh/ssh_config.d/a.conf", "SendEnv A\n");
  env.AddFile("/etc/ssh/ssh_config.d/.hidden.conf", "SendEnv H\n");
  env.AddNode("/etc/ssh/ssh_config.d/z.conf", {.kind = FileKind::kFifo});
  env.AddFile("/home/alice/.ssh/config", std::string("Port 22\0\n", 9));
  const Table table = ssh_configs_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"block", "option"}),
              ElementsAre("|stricthostkeychecking no", "host *.example.org|forwardagent \"yes\"",
                          "host *.example.org|proxycommand ", "|sendenv A", "|sendenv B"));
  EXPECT_THAT(scan.incomplete,
              testing::UnorderedElementsAre(HasSubstr("z.conf"), HasSubstr("NUL")));
}

TEST(SudoTables, DropInsAreReadInOrderWithoutThoseThatSudoSkips) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/sudoers", "@includedir /etc/sudoers.d\n", 0440);
  env.AddFile("/etc/sudoers.d/b", "alice ALL=(root) /usr/bin/b\n", 0440);
  env.AddFile("/etc/sudoers.d/a", "alice ALL=(root) /usr/bin/a\n", 0440);
  for (const char* skipped : {"c.conf", "d~", ".e"})
    env.AddFile(std::string("/etc/sudoers.d/") + skipped, "alice ALL=(ALL) NOPASSWD: ALL\n", 0440);
  const Table table = sudo_rules_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"username", "command"}),
              ElementsAre("alice|/usr/bin/a", "alice|/usr/bin/b"));
}

// As sudo does, whatever is no file is passed over (read_dir_files in gram.y); what may be one and
// cannot be looked at is not.
TEST(SudoTables, ADropInThatIsNoFileIsPassedOver) {
  const Odd odds[] = {
      {"FIFO",
       [](FakeEnv& env, const std::string& path) { env.AddNode(path, {.kind = FileKind::kFifo}); }},
      {"dangling link",
       [](FakeEnv& env, const std::string& path) { env.AddLink(path, "/absent"); }},
      {"folder", [](FakeEnv& env, const std::string& path) { env.AddDirectory(path); }},
  };
  for (const Odd& odd : odds) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/sudoers", "@includedir /etc/sudoers.d\n", 0440);
    odd.make(env, "/etc/sudoers.d/a");
    EXPECT_THAT(ScanAll(sudo_rules_table(), env).incomplete, IsEmpty()) << odd.name;
  }
  for (const Odd& odd : {kUnreadable[0], kUnreadable[1]}) {
    FakeEnv env;
    Fill(env);
    env.AddFile("/etc/sudoers", "@includedir /etc/sudoers.d\n", 0440);
    odd.make(env, "/etc/sudoers.d/a");
    EXPECT_THAT(ScanAll(sudo_rules_table(), env).incomplete, Not(IsEmpty())) << odd.name;
    EXPECT_THAT(ScanAll(sudoers_table(), env).incomplete, Not(IsEmpty())) << odd.name;
  }
}

TEST(SudoTables, TenThousandDropInsEnd) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/sudoers", "@includedir /etc/sudoers.d\n", 0440);
  for (int i = 0; i < 10000; ++i)
    env.AddFile("/etc/sudoers.d/" + std::to_string(i), "alice ALL=(ALL) NOPASSWD: /bin/x\n", 0440);
  const Scan scan = ScanAll(sudo_rules_table(), env);
  EXPECT_TRUE(scan.rows.size() >= 10000 || !scan.incomplete.empty()) << scan.rows.size();
}

// A real tree: links that lead out of it lead back to its root, devices and pipes are not opened.
TEST(KeyTables, NothingOutsideTheTreeIsRead) {
  std::string name = testing::TempDir() + "key_tables_XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path outside = name;
  const fs::path root = outside / "tree";
  fs::create_directories(root / "etc/sudoers.d");
  fs::create_directories(root / "home/alice/.ssh");
  std::ofstream(outside / "secret") << kPrivate << "alice ALL=(ALL) NOPASSWD: ALL\n";
  std::ofstream(root / "etc/passwd") << "alice:x:1000:1000::/home/alice:/bin/sh\n"
                                     << "bob:x:1001:1001::/home/../../../home/bob:/bin/sh\n";
  std::ofstream(root / "etc/group") << "alice:x:1000:\n";
  std::ofstream(root / "etc/sudoers")
      << "@include /etc/sudoers.d/../../../secret\n@includedir /out\n";
  fs::create_symlink("../../../../secret", root / "home/alice/.ssh/id_rsa");
  fs::create_symlink("/dev/zero", root / "home/alice/.ssh/authorized_keys");
  fs::create_symlink("../..", root / "out");
  mkfifo((root / "home/alice/.ssh/config").c_str(), 0600);
  const auto env = OpenPosixEnv(RootMode::kDeadTree, root);
  ASSERT_TRUE(env.ok());
  EXPECT_THAT(ScanAll(user_ssh_keys_table(), **env).rows, IsEmpty());
  EXPECT_THAT(ScanAll(authorized_keys_table(), **env).rows, IsEmpty());
  EXPECT_THAT(ScanAll(ssh_configs_table(), **env).incomplete, Contains(HasSubstr("config")));
  const Table table = sudo_rules_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, **env), {"command"}),
              Not(Contains(HasSubstr("ALL"))));
  fs::remove_all(outside);
}

}  // namespace
}  // namespace tom
