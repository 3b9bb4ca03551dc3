// Our reading of sshd's configuration against the server's own, over the trees of tests/data/sshd.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "checks/env/env_posix.h"
#include "checks/tables/sshd_view.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
    "alice:x:1000:1000::/home/alice:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/sh\n"
    "carol:x:1002:1002::/home/carol:/bin/sh\n";
constexpr char kGroup[] =
    "root:x:0:\nnogroup:x:65534:\nwheel:x:10:alice,root\nstaff:x:50:bob,alice\nalice:x:1000:\n"
    "bob:x:1001:\ncarol:x:1002:\n";

struct Output {
  int status = -1;
  std::string text;
};

Output Shell(const std::string& command) {
  Output output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> chunk;
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe))
    output.text.append(chunk.data(), got);
  output.status = pclose(pipe);
  return output;
}

class SshdOracle : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sshd_oracle_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::copy(fs::path(TOM_SOURCE_DIR "/tests/data/sshd") / GetParam(), root_,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    std::ofstream(root_ / "etc/passwd") << kPasswd;
    std::ofstream(root_ / "etc/group") << kGroup;
  }
  void TearDown() override { fs::remove_all(root_); }

  SshdView View() const {
    const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
    return env.ok() ? ViewSshd(**env) : SshdView{{}, {"no root"}};
  }

  // The installed server over this tree's files, in a mount namespace of its own.
  Output Ask(const std::string& spec, const std::string& prepare = "mkdir /run/sshd") const {
    const std::string etc = root_ / "etc";
    const std::string key = root_ / "key";
    return Shell("test -f " + key + " || ssh-keygen -q -t ed25519 -N '' -f " + key + "; unshare " +
                 std::string(geteuid() == 0 ? "-m" : "-Urm") + " sh -c 'mount --bind " + etc +
                 "/ssh /etc/ssh && mount --bind " + etc + "/passwd /etc/passwd && mount --bind " +
                 etc + "/group /etc/group && mount -t tmpfs none /run && " + prepare +
                 " && exec "
                 "/usr/sbin/sshd -T -h " +
                 key + (spec.empty() ? "" : " -C " + spec) + "' 2>&1");
  }

  fs::path root_;
};

std::string Spec(const SshdContext& context) {
  const SshdClient& client = context.route.client;
  return "user=" + (context.account.name.empty() ? "no-such-account" : context.account.name) +
         ",host=" + client.host + ",addr=" + client.address + ",laddr=" + client.local_address +
         ",lport=" + std::to_string(client.local_port);
}

TEST_P(SshdOracle, AgreesWithTheServer) {
  const SshdView view = View();
  if (GetParam().rfind("refused-", 0) == 0) {
    const Output answer = Ask("");
    EXPECT_NE(answer.status, 0) << answer.text;
    EXPECT_TRUE(view.contexts.empty());
    ASSERT_EQ(view.incomplete.size(), 1u);
    EXPECT_NE(view.incomplete[0].find("/etc/ssh/"), std::string::npos)
        << view.incomplete[0] << "\nsshd: " << answer.text;
    return;
  }
  ASSERT_GE(view.contexts.size(), 4u) << testing::PrintToString(view.incomplete);
  for (const SshdContext& context : view.contexts) {
    const Output answer = Ask(Spec(context));
    ASSERT_EQ(answer.status, 0) << answer.text;
    SshdSettings theirs = ParseSshdTestOutput(answer.text);
    for (const SshdKeyword* keyword : ReportedSshdKeywords()) {
      ASSERT_TRUE(keyword->kind == SshdKind::kNames || theirs.count(keyword->name) != 0)
          << keyword->name;
      EXPECT_EQ(context.settings.at(keyword->name).value, theirs[keyword->name].value)
          << keyword->name << " for " << Spec(context);
    }
  }
}

// sshd_view.cc takes "Missing privilege separation directory" for word that the configuration was
// accepted: the server must not say so of one that it refuses.
TEST_P(SshdOracle, MissesItsDirectoryOnlyWhereItAcceptsItsConfiguration) {
  // As sshd_view.cc asks; without a connection, conditions on one are an error of the question.
  static constexpr char kSpec[] = "user=root,host=h,addr=203.0.113.77,laddr=192.0.2.1,lport=22";
  const Output answer = Ask(kSpec, "true");
  EXPECT_NE(answer.status, 0) << answer.text;
  const bool missed =
      answer.text.find("Missing privilege separation directory: /run/sshd") != std::string::npos;
  EXPECT_EQ(missed, Ask(kSpec).status == 0) << answer.text;
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/data/sshd")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Trees, SshdOracle, testing::ValuesIn(Cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tom
