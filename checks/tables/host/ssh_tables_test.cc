// The tables of SSH's keys, options and algorithms over a fake host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"

namespace tom {

Table authorized_keys_table();
Table pam_rules_table();
Table pam_login_factors_table();
Table ssh_algorithms_table();
Table ssh_configs_table();
Table user_ssh_keys_table();

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Scan ScanOf(const Table& table, FakeEnv& env) {
  const Declared declared;
  return ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
}

// The named cells of each row, with "|" between them.
std::vector<std::string> Cells(const Table& table, const Scan& scan,
                               const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for (const ValueRow& row : scan.rows) {
    std::string line;
    for (const std::string& name : names) {
      for (size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name != name) continue;
        if (!line.empty()) line += "|";
        line += IsNull(row[i]) ? "NULL" : ValueText(row[i]);
      }
    }
    lines.push_back(line);
  }
  return lines;
}

void Fill(FakeEnv& env) {
  env.AddFile("/etc/passwd",
              "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n");
  env.AddFile("/etc/group", "root:x:0:\nwheel:x:10:alice\nalice:x:1000:\n");
  env.AddFile("/etc/shadow", "root:$6$s$h:19000:0:99999:7:::\nalice:$6$s$h:19000:0:99999:7:::\n");
  env.AddFile("/etc/nsswitch.conf", "passwd: files\n");
  env.AddFile("/etc/ssh/sshd_config", "AuthorizedKeysFile /etc/keys/%u .ssh/authorized_keys\n");
  env.SetMode(RootMode::kDeadTree);
}

TEST(AuthorizedKeysTable, FilesThatTheServerIsToldOf) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/keys/alice", "ssh-ed25519 AAAA one\n", 0666);
  env.AddFile("/home/alice/.ssh/authorized_keys", "restrict ssh-rsa BBBB two\n", 0600);
  env.AddFile("/home/alice/.ssh/authorized_keys2", "ssh-rsa CCCC three\n", 0600);
  const Table table = authorized_keys_table();
  const Scan scan = ScanOf(table, env);
  EXPECT_THAT(Cells(table, scan, {"username", "algorithm", "key_file", "file_mode"}),
              ElementsAre("alice|ssh-ed25519|/etc/keys/alice|438",
                          "alice|ssh-rsa|/home/alice/.ssh/authorized_keys|384"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(AuthorizedKeysTable, AFileThatCannotBeReadIsSaid) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/keys/alice", "x");
  env.AddError("/etc/keys/alice", absl::PermissionDeniedError("/etc/keys/alice: denied"));
  EXPECT_THAT(ScanOf(authorized_keys_table(), env).incomplete, Contains(HasSubstr("denied")));
}

TEST(UserSshKeysTable, OnlyPrivateKeys) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/home/alice/.ssh/id_rsa",
              "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", 0600);
  env.AddFile("/home/alice/.ssh/id_rsa.pub", "ssh-rsa AAAA\n");
  env.AddFile("/home/alice/.ssh/bare", "-----BEGIN PRIVATE KEY-----\nMHc\n", 0644);
  const Table table = user_ssh_keys_table();
  EXPECT_THAT(Cells(table, ScanOf(table, env), {"path", "encrypted", "file_mode"}),
              ElementsAre("/home/alice/.ssh/bare|0|420", "/home/alice/.ssh/id_rsa|1|384"));
}

TEST(SshConfigsTable, OptionsStandInTheirBlocks) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/ssh/ssh_config", "HashKnownHosts yes\nHost *\n  SendEnv LANG\n");
  env.AddFile("/home/alice/.ssh/config", "Match all\nForwardAgent=yes\n");
  const Table table = ssh_configs_table();
  EXPECT_THAT(Cells(table, ScanOf(table, env), {"uid", "block", "option"}),
              ElementsAre("NULL||hashknownhosts yes", "NULL|host *|sendenv LANG",
                          "1000|match all|forwardagent yes"));
}

TEST(SshAlgorithmsTable, OfTheConfiguration) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/ssh/sshd_config", "Ciphers aes256-ctr,aes128-cbc\n");
  const Table table = ssh_algorithms_table();
  const auto lines =
      Cells(table, ScanOf(table, env), {"server", "kind", "name", "weakness", "file", "line"});
  EXPECT_THAT(lines, Contains("sshd_config|cipher|aes128-cbc|weak|/etc/ssh/sshd_config|1"));
  EXPECT_THAT(lines, Contains("sshd_config|kex|curve25519-sha256||NULL|NULL"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("aes128-gcm"))));
}

TEST(PamRulesTable, IncludesAreFollowedAndDuoIsLookedInto) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/pam.d/sshd", "@include base\nauth required pam_duo.so conf=/etc/duo\n");
  env.AddFile("/etc/pam.d/base", "auth required pam_unix.so nullok\n");
  env.AddFile("/etc/duo", "[duo]\nfailmode=secure\n", 0600);
  const Table table = pam_rules_table();
  const auto lines = Cells(table, ScanOf(table, env),
                           {"service", "module", "arguments", "file", "line", "fails_open"});
  EXPECT_THAT(lines, Contains("sshd|pam_unix.so|nullok|/etc/pam.d/base|1|NULL"));
  EXPECT_THAT(lines, Contains("sshd|pam_duo.so|conf=/etc/duo|/etc/pam.d/sshd|2|0"));
}

TEST(PamLoginFactorsTable, SuTrustsItsGroup) {
  FakeEnv env;
  Fill(env);
  env.AddFile("/etc/pam.d/su",
              "auth sufficient pam_rootok.so\nauth sufficient pam_wheel.so trust\n"
              "auth required pam_unix.so\naccount required pam_unix.so\n");
  env.AddFile("/etc/pam.d/sudo", "auth required pam_unix.so\naccount required pam_unix.so\n");
  const Table table = pam_login_factors_table();
  const Scan scan = ScanOf(table, env);
  EXPECT_THAT(Cells(table, scan, {"service", "user", "opens", "sets"}),
              ElementsAre("su|alice|yes|nothing", "sudo|alice|yes|password"));
  EXPECT_THAT(Cells(table, scan, {"why"})[0], HasSubstr("trust"));
}

}  // namespace
}  // namespace tom
