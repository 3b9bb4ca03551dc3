// Our reading of PAM's stacks against libpam itself, over the trees of tests/data/pam: the
// installed library and modules let accounts in, or not, in a mount namespace where /etc is the
// tree's.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/env/env_posix.h"
#include "checks/tables/pam_subjects.h"
#include "checks/tables/pam_ways.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr char kSecret[] = "JBSWY3DPEHPK3PXP";
constexpr char kOathKey[] = "3132333435363738393031323334353637383930";
constexpr char kGoogle[] = "code:/home/alice/.google_authenticator";
constexpr char kOath[] = "code:/etc/users.oath of alice";
constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n"
    "bob:x:1001:1001::/home/bob:/bin/sh\ncarol:x:1002:1002::/home/carol:/bin/sh\n"
    "empty:x:1003:1003::/home/empty:/bin/sh\nlocked:x:1004:1004::/home/locked:/bin/sh\n"
    "expired:x:1005:1005::/home/expired:/bin/sh\naged:x:1006:1006::/home/aged:/bin/sh\n"
    "noshadow:x:1007:1007::/home/noshadow:/bin/sh\n";
constexpr char kGroup[] =
    "root:x:0:\nshadow:x:42:\nmfa:x:50:alice,carol\nstaff:x:51:carol\nalice:x:1000:\nbob:x:1001:\n"
    "carol:x:1002:\nempty:x:1003:\nlocked:x:1004:\nexpired:x:1005:\naged:x:1006:\nnoshadow:x:1007:"
    "\n";

std::string Shell(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> chunk;
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk.data(), got);
  pclose(pipe);
  return output;
}

std::string Slurp(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Question {
  std::string user;
  std::set<std::string> given;
  bool one_answer = false;

  std::string Text() const {
    std::string text = user + (one_answer ? " by one answer:" : " in a dialogue:");
    for (const std::string& one : given) text += " " + one;
    return text;
  }
};

class PamOracle : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
#ifndef TOM_PAM_CLIENT
    FAIL() << "built without libpam0g-dev";
#endif
    std::string name = testing::TempDir() + "pam_oracle_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    Build();
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    if (!fs::exists(root_ / path)) std::ofstream(root_ / path) << text;
  }

  void Build() {
    fs::copy(fs::path(TOM_SOURCE_DIR "/tests/data/pam") / GetParam(), root_,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    hash_ = Shell("openssl passwd -6 secret");
    hash_.pop_back();
    ASSERT_GT(hash_.size(), 50u);
    Write("etc/passwd", kPasswd);
    Write("etc/group", kGroup);
    std::string shadow;
    for (const char* user : {"root", "alice", "bob", "carol"})
      shadow += std::string(user) + ":" + hash_ + ":19000:0:99999:7:::\n";
    shadow += "empty::19000:0:99999:7:::\nlocked:!" + hash_ +
              ":19000:0:99999:7:::\nexpired:" + hash_ + ":19000:0:99999:7::19001:\naged:" + hash_ +
              ":19000:0:90:7:::\n";
    Write("etc/shadow", shadow);
    Write("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\n");
    Write("etc/pam.d/other", "auth required pam_deny.so\naccount required pam_deny.so\n");
    if (fs::exists(root_ / "etc/pam.conf") && GetParam() == "one-file")
      fs::remove_all(root_ / "etc/pam.d");
    fs::create_directories(root_ / "usr/lib/pam.d");
    if (GetParam() == "one-file") fs::remove_all(root_ / "usr/lib/pam.d");
    Write("etc/users.oath", "HOTP/T30/6 alice - " + std::string(kOathKey) + "\n");
    Write("home/alice/.google_authenticator", std::string(kSecret) + "\n\" TOTP_AUTH\n");
    for (const char* file : {"/etc/ld.so.cache", "/etc/login.defs", "/etc/environment"})
      if (fs::exists(file)) Write(std::string(file).substr(1), Slurp(file));
    fs::create_directories(root_ / "etc/security");
    fs::copy("/etc/security", root_ / "etc/security",
             fs::copy_options::recursive | fs::copy_options::skip_existing);
    CopyModules();
    Shell(
        "cd " + root_.string() +
        " && chmod 600 etc/users.oath && chmod 640 etc/shadow && "
        "chmod 400 home/alice/.google_authenticator && chown -R 1000 home/alice && "
        "{ test ! -f etc/duo.conf || chmod 600 etc/duo.conf; } && "
        "{ test ! -d etc/google || { chown 1001 etc/google/bob && chmod 400 etc/google/bob; }; }");
  }

  // Names of the modules that are installed, with the beginning of a program.
  void CopyModules() {
    for (const auto& folder : fs::directory_iterator("/usr/lib")) {
      if (!fs::exists(folder.path() / "security/pam_unix.so")) continue;
      for (const auto& module : fs::directory_iterator(folder.path() / "security"))
        Write(module.path().string().substr(1), "\177ELF");
    }
  }

  std::vector<Question> Questions() const {
    const std::string all = Shell("cat " + root_.string() + "/etc/pam.d/* " + root_.string() +
                                  "/etc/pam.conf " + root_.string() + "/usr/lib/pam.d/* 2>&1");
    std::vector<std::string> proofs = {"password"};
    if (all.find("google") != std::string::npos) proofs.emplace_back(kGoogle);
    if (all.find("oath") != std::string::npos) proofs.emplace_back(kOath);
    std::vector<Question> questions;
    for (const std::string& line : Lines(kPasswd)) {
      for (size_t set = 0; set < (1U << proofs.size()); ++set) {
        Question question{line.substr(0, line.find(':')), {}, false};
        for (size_t i = 0; i < proofs.size(); ++i) {
          if ((set >> i & 1U) != 0) question.given.insert(proofs[i]);
        }
        questions.push_back(question);
        question.one_answer = true;
        if (question.given.count(kGoogle) + question.given.count(kOath) < 2)
          questions.push_back(question);
      }
    }
    return questions;
  }

  std::string Options() const { return Lines(Slurp(root_ / "options") + "\n")[0]; }

  static std::string ClientLine(const Question& question) {
    const std::string password = question.given.count("password") != 0 ? "secret" : "wrong";
    const std::string google = question.given.count(kGoogle) != 0 ? "$G" : "000001";
    const std::string oath = question.given.count(kOath) != 0 ? "$O" : "000001";
    if (question.one_answer) {
      std::string one = question.given.count("password") != 0 ? "secret" : "";
      if (question.given.count(kGoogle) != 0) one += "$G";
      if (question.given.count(kOath) != 0) one += "$O";
      return "--disallow-null --one \"" + (one.empty() ? "junk" : one) + "\"";
    }
    return "--answer \"& verification=" + password + google +
           "\" --answer \"erification=" + google + "\" --answer \"OATH=" + oath +
           "\" --answer \"assword=" + password + "\"";
  }

  // For each question whether libpam lets in.
  std::vector<bool> Ask(const std::vector<Question>& questions) const {
    std::string script = "set -e\ncd " + root_.string() +
                         "\nmount --bind home /home\nmount -t tmpfs none /run\n"
                         "test ! -d usr/lib/pam.d || mount --bind usr/lib/pam.d /usr/lib/pam.d\n"
                         "test -d usr/lib/pam.d || {\n"  // all of /usr/lib but that folder
                         "mkdir old new\nmount --bind /usr/lib old\nmount -t tmpfs none new\n"
                         "for x in old/*; do ln -s $PWD/$x new/; done\nrm new/pam.d\n"
                         "mount --move new /usr/lib\n}\n"
                         "cp etc/users.oath users.oath\nmount --bind etc /etc\n";
    // A program costs more than the question: those that codes need are run where there are codes.
    const bool oath = std::any_of(questions.begin(), questions.end(),
                                  [](const Question& one) { return one.given.count(kOath) != 0; });
    for (const Question& question : questions) {
      if (oath) script += "cp users.oath /etc/users.oath\n";
      if (question.given.count(kGoogle) != 0)
        script += "G=$(oathtool --totp -b " + std::string(kSecret) + ")\n";
      if (question.given.count(kOath) != 0)
        script += "O=$(oathtool --totp " + std::string(kOathKey) + ")\n";
      script += "echo $(" + std::string(kClient) + " sshd " + question.user + " " +
                ClientLine(question) + " " + Options() + " 2>/dev/null)\n";
    }
    std::ofstream(root_ / "script") << script;
    const std::vector<std::string> answers =
        Lines(Shell(std::string("unshare ") + (geteuid() == 0 ? "-m" : "-Urm") + " sh " +
                    (root_ / "script").string() + " 2>&1"));
    std::vector<bool> lets_in;
    for (const std::string& answer : answers)
      lets_in.push_back(answer == "0 0" || answer == "0 12");
    EXPECT_EQ(lets_in.size(), questions.size()) << (answers.empty() ? "" : answers.back());
    lets_in.resize(questions.size());
    return lets_in;
  }

  WayIn Ours(Env& env, const PamService& service, const Question& question) const {
    if (!service.unknown.empty()) return WayIn::kMaybe;
    if (!service.aborted.empty()) return WayIn::kOut;
    PamSubjects subjects(env);
    PamSubject subject = subjects.Of(question.user);
    subject.service = "sshd";
    subject.one_answer = subject.disallow_null = question.one_answer;
    PamModules modules(env);
    WayIn way = WayIn::kIn;
    for (const bool account : {false, true}) {
      PamTrial trial;
      trial.given = question.given;
      for (const std::string& line : Lines(Slurp(root_ / "given"))) trial.given.insert(line);
      if (trial.given.count(kGoogle) != 0 && GetParam() == "google-secret-elsewhere")
        trial.given.insert("code:/etc/google/bob");
      const auto answer = TryPam(service, account, subject, modules, trial).answer;
      way = std::min(way, answer == PamVerdict::Answer::kIn      ? WayIn::kIn
                          : answer == PamVerdict::Answer::kMaybe ? WayIn::kMaybe
                                                                 : WayIn::kOut);
    }
    return way;
  }

#ifdef TOM_PAM_CLIENT
  static constexpr char kClient[] = TOM_PAM_CLIENT;
#else
  static constexpr char kClient[] = "false";
#endif
  fs::path root_;
  std::string hash_;
};

TEST_P(PamOracle, LetsInWhomLibpamLetsIn) {
  const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
  ASSERT_TRUE(env.ok());
  const PamService service = PamFiles(**env).Load("sshd");
  const std::vector<Question> questions = Questions();
  const std::vector<bool> theirs = Ask(questions);
  const bool may_be_unknown = GetParam().rfind("unknown-", 0) == 0;
  for (size_t i = 0; i < questions.size(); ++i) {
    const WayIn ours = Ours(**env, service, questions[i]);
    if (ours == WayIn::kMaybe) {
      EXPECT_TRUE(may_be_unknown) << questions[i].Text() << " " << service.unknown;
      continue;
    }
    EXPECT_EQ(ours == WayIn::kIn, theirs[i]) << questions[i].Text() << "\n" << service.aborted;
  }
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/data/pam")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Trees, PamOracle, testing::ValuesIn(Cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tom
