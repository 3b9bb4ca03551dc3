// The check ssh-second-factor over the trees of tests/data/ssh_mfa, each with the verdicts that it
// must give; and what no tree may do to the reader.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/engine/table.h"
#include "checks/tables/test_trees.h"

namespace tom {

Table ssh_login_factors_table();

namespace {

namespace fs = std::filesystem;
const fs::path kTrees = TOM_SOURCE_DIR "/tests/data/ssh_mfa";

constexpr char kPasswd[] =
    "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n"
    "bob:x:1001:1001::/home/bob:/bin/sh\nempty:x:1002:1002::/home/empty:/bin/sh\n"
    "locked:x:1003:1003::/home/locked:/bin/sh\nexpired:x:1004:1004::/home/expired:/bin/sh\n";
constexpr char kGroup[] =
    "root:x:0:\nmfa:x:50:alice\nalice:x:1000:\nbob:x:1001:\nempty:x:1002:\nlocked:x:1003:\n"
    "expired:x:1004:\n";
constexpr char kShadow[] =
    "root:$6$s$h:19000:0:99999:7:::\nalice:$6$s$h:19000:0:99999:7:::\n"
    "bob:$6$s$h:19000:0:99999:7:::\nempty::19000:0:99999:7:::\nlocked:!$6$s$h:19000:0:99999:7:::\n"
    "expired:$6$s$h:19000:0:99999:7::19001:\n";
constexpr char kCommonAuth[] =
    "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
    "auth required pam_permit.so\n";

struct Expected {
  std::string subject, verdict, text;
};

std::vector<Expected> Expectations(const fs::path& file) {
  std::vector<Expected> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Expected one;
    words >> one.subject >> one.verdict;
    std::getline(words >> std::ws, one.text);
    all.push_back(one);
  }
  return all;
}

class SshMfa : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "ssh_mfa_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::copy(kTrees / GetParam(), root_,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    Write("etc/passwd", kPasswd);
    Write("etc/group", kGroup);
    if (!fs::exists(root_ / "no-shadow")) Write("etc/shadow", kShadow);
    Write("etc/nsswitch.conf", "passwd: files\n");
    Write("etc/pam.d/other", "auth required pam_deny.so\naccount required pam_deny.so\n");
    Write("etc/pam.d/common-auth", kCommonAuth);
    if (fs::exists(root_ / "fifo")) mkfifo((root_ / "etc/pam.d/sshd").c_str(), 0600);
    if (!fs::exists(root_ / "no-sshd-pam"))
      Write("etc/pam.d/sshd", "@include common-auth\naccount required pam_unix.so\n");
    Write("home/alice/.google_authenticator", "JBSWY3DPEHPK3PXP\n\" TOTP_AUTH\n");
    if (fs::exists(root_ / "etc/duo.conf"))
      fs::permissions(root_ / "etc/duo.conf", fs::perms::owner_read | fs::perms::owner_write);
    if (fs::exists(root_ / "etc/duo-open.conf"))
      fs::permissions(root_ / "etc/duo-open.conf", fs::perms::owner_read | fs::perms::others_read);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    if (!fs::exists(fs::symlink_status(root_ / path))) std::ofstream(root_ / path) << text;
  }

  CheckOutcome Outcome() const {
    const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
    auto engine = SqlEngine::Create({ssh_login_factors_table()}, **env, {});
    EXPECT_TRUE(engine.ok()) << engine.status();
    return RunShippedCheck(**engine, "ssh-second-factor");
  }

  fs::path root_;
};

TEST_P(SshMfa, GivesTheVerdictsOfItsTree) {
  const auto start = std::chrono::steady_clock::now();
  const CheckOutcome outcome = Outcome();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  const std::vector<Expected> expected = Expectations(root_ / "expect");
  ASSERT_FALSE(expected.empty());
  for (const Expected& one : expected) {
    const auto row = std::find_if(outcome.rows.begin(), outcome.rows.end(),
                                  [&](const RowResult& r) { return r.subject == one.subject; });
    ASSERT_NE(row, outcome.rows.end()) << one.subject << "\n" << OutcomeText(outcome);
    EXPECT_EQ(VerdictName(row->verdict), one.verdict) << one.subject << "\n"
                                                      << OutcomeText(outcome);
    EXPECT_NE(row->reason.find(one.text), std::string::npos) << one.text << "\n"
                                                             << OutcomeText(outcome);
  }
}

INSTANTIATE_TEST_SUITE_P(Trees, SshMfa, testing::ValuesIn(TreesIn(kTrees)), TreeTestName);

}  // namespace
}  // namespace tom
