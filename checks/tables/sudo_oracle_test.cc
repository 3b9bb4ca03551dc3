// Our reading of sudoers against sudo's own, over the trees of tests/data/sudoers: the syntax
// against cvtsudoers, the verdicts against what sudo really lets each account do.
#include <fnmatch.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "checks/env/env_posix.h"
#include "checks/parse/json_tree.h"
#include "checks/tables/sudo_commands.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/sudoers_tree.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
using Kind = SudoMember::Kind;

constexpr const char* kAccounts[] = {"alice", "bob", "carol", "dave"};
constexpr const char* kProbes[] = {"/usr/bin/id", "/usr/bin/id -u", "/usr/bin/true",
                                   "/usr/bin/printf x"};
const std::map<std::string, std::string> kFiles = {
    {"passwd",
     "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/:/bin/sh\nbob:x:1001:1001::/:/bin/sh\n"
     "carol:x:1002:1002::/:/bin/sh\ndave:x:1003:1003::/:/bin/sh\npostgres:x:110:110::/:/bin/sh\n"},
    {"group",
     "root:x:0:\nsudo:x:27:bob\ndocker:x:999:dave\nops:x:1100:alice,carol\ntrusted:x:1200:dave\n"
     "alice:x:1000:\nbob:x:1001:\ncarol:x:1002:\ndave:x:1003:\npostgres:x:110:\n"},
    {"shadow",
     "root:*:19000::::::\nalice:*:19000::::::\nbob:*:19000::::::\ncarol:*:19000::::::\n"
     "dave:*:19000::::::\n"},
    {"hosts", "127.0.0.1 localhost\n127.0.1.1 web1.example.org web1\n"},
    {"hostname", "web1\n"},
    {"nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\nsudoers: files\n"},
};

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

// Collects what a table says beside its rows.
class Said : public RowSink {
 public:
  bool Add(std::initializer_list<std::pair<std::string_view, Value>>) override { return true; }
  bool AddRow(ValueRow) override { return true; }
  void Incomplete(std::string reason) override { reasons.push_back(std::move(reason)); }
  std::vector<std::string> reasons;
};

struct Row {
  SudoPerson person;
  SudoGrant grant;
  std::optional<bool> full;
  bool as_itself = false;
};

class SudoOracle : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sudo_oracle_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::copy(fs::path(TOM_SOURCE_DIR "/tests/data/sudoers") / GetParam(), root_,
             fs::copy_options::recursive);
    fs::create_directories(root_ / "etc/sudoers.d");
    const std::string etc = root_ / "etc";
    Shell("chown -R 0:0 " + etc + "; find " + etc + " -type f -exec chmod 0440 {} +; find " + etc +
          " -type d -exec chmod 0755 {} +");
    for (const auto& [file, text] : kFiles) std::ofstream(root_ / "etc" / file) << text;
    const auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
    ASSERT_TRUE(env.ok());
    tree_ = LoadSudoers(**env, ReadHostNames(**env));
    SudoCommands commands(**env);
    const auto status = ViewSudo(**env, said_, [&](const SudoRow& row) {
      std::string doubt;
      auto full = commands.Escape(row.grant.command, row.grant.setenv || Keeps(row), doubt);
      rows_.push_back({row.person, row.grant,
                       full ? std::optional<bool>(!full->empty()) : std::nullopt,
                       row.grant.run_users.empty()});
      rows_.back().grant.rule = nullptr;  // the policy ends with the view
      return true;
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  void TearDown() override { fs::remove_all(root_); }

  static bool Keeps(const SudoRow& row) {
    const auto& kept = row.settings.kept;
    return std::find(kept.begin(), kept.end(), "LD_PRELOAD") != kept.end();
  }

  // The installed sudo over this tree's files, in a mount namespace of its own whose /etc holds
  // them and what PAM needs.
  Output Inside(const std::string& script) const {
    const std::string tree = root_.string();
    std::ofstream(root_ / "script") << script;
    std::ofstream(root_ / "enter")
        << "mkdir " << tree << "/copy && mount -t tmpfs none " << tree << "/copy && cd /etc && "
        << "cp -a pam.d security login.defs ld.so.cache " << tree << "/copy && cp -a " << tree
        << "/etc/. " << tree << "/copy && mount --bind " << tree << "/copy /etc && hostname web1 "
        << "&& mount -t tmpfs none /run && exec sh " << tree << "/script\n";
    return Shell("unshare -mu sh " + tree + "/enter 2>&1");
  }

  // What our rows come to for root: free, password, limited, none or unknown.
  std::string Power(const std::string& account) const {
    bool free = false;
    bool password = false;
    bool limited = false;
    bool unknown = !said_.reasons.empty();
    for (const Row& row : rows_) {
      const SudoGrant& grant = row.grant;
      if (row.person.name != account || grant.command.negated || grant.as_root == false) continue;
      const bool sure = grant.applies && grant.as_root && row.full;
      if (!sure) unknown = true;
      if (sure && *row.full) (grant.authenticate ? password : free) = true;
      if (sure && !*row.full) limited = true;
    }
    if (free) return "free";
    if (unknown) return "unknown";
    return password ? "password" : limited ? "limited" : "none";
  }

  // The grant that decides over a command as root; null: none does.
  const SudoGrant* Decides(const std::string& account, const std::string& probe) const {
    const size_t blank = probe.find(' ');
    const std::string path = probe.substr(0, blank);
    const std::string arguments = blank == std::string::npos ? "" : probe.substr(blank + 1);
    const SudoGrant* decides = nullptr;
    for (const Row& row : rows_) {
      const SudoMember& command = row.grant.command;
      if (row.person.name != account || row.grant.overridden || row.grant.as_root != true ||
          !row.grant.root_group.empty() || !command.digests.empty()) {
        continue;
      }
      const bool directory = command.name.size() > 1 && command.name.back() == '/';
      bool fits = command.kind == Kind::kAll ||
                  fnmatch(command.name.c_str(), path.c_str(), FNM_PATHNAME) == 0 ||
                  (directory && path.starts_with(command.name));
      if (command.arguments == "\"\"") {
        fits = fits && arguments.empty();
      } else if (command.arguments) {
        fits = fits && fnmatch(command.arguments->c_str(), arguments.c_str(), 0) == 0;
      }
      if (fits) decides = &row.grant;
    }
    return decides;
  }

  bool AsItself(const std::string& account) const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const Row& row) { return row.person.name == account && row.as_itself; });
  }

  fs::path root_;
  SudoersTree tree_;
  std::vector<Row> rows_;
  Said said_;
};

// A member as cvtsudoers writes it in JSON, in our words.
std::string Member(const JsonNode& node) {
  const JsonNode* negated = node.Find("negated");
  std::string text = negated != nullptr && negated->boolean ? "!" : "";
  for (const auto& [key, value] : node.members) {
    if (key == "negated" || key.starts_with("sha")) continue;
    if (key == "usergroup") text += "%";
    if (key == "nonunixgroup") text += "%:";
    if (key == "netgroup") text += "+";
    if (key == "userid") text += "#";
    if (key == "usergid") text += "%#";
    text += value.IsInteger() ? std::to_string(value.integer) : value.text;
  }
  return text;
}

std::string List(const JsonNode* list, bool groups = false) {
  std::string text;
  if (list == nullptr) return "-";
  for (const JsonNode& one : list->items) {
    std::string member = Member(one);
    if (groups) member.erase(std::remove(member.begin(), member.end(), '%'), member.end());
    text += member + ",";
  }
  return text;
}

std::string List(const std::optional<SudoMembers>& list) {
  std::string text;
  if (!list) return "-";
  for (const SudoMember& one : *list) text += SudoMemberText(one) + ",";
  return text;
}

std::string Option(const JsonNode& spec, const std::string& name) {
  const JsonNode* options = spec.Find("Options");
  if (options == nullptr) return "-";
  for (const JsonNode& option : options->items) {
    if (const JsonNode* one = option.Find(name); one != nullptr) return one->boolean ? "1" : "0";
  }
  return "-";
}

std::string Flag(const std::optional<bool>& flag, bool turned = false) {
  if (!flag) return "-";
  return *flag != turned ? "1" : "0";
}

// One line a command.
std::vector<std::string> Theirs(const JsonNode& json) {
  std::vector<std::string> lines;
  const JsonNode* specs = json.Find("User_Specs");
  if (specs == nullptr) return lines;
  for (const JsonNode& spec : specs->items) {
    const JsonNode* commands = spec.Find("Cmnd_Specs");
    if (commands == nullptr) continue;
    for (const JsonNode& one : commands->items) {
      const JsonNode* names = one.Find("Commands");
      if (names == nullptr) continue;
      for (const JsonNode& command : names->items) {
        lines.push_back(List(spec.Find("User_List")) + " " + List(spec.Find("Host_List")) + " (" +
                        List(one.Find("runasusers")) + ":" + List(one.Find("runasgroups"), true) +
                        ") auth " + Option(one, "authenticate") + " noexec " +
                        Option(one, "noexec") + " " + Member(command));
      }
    }
  }
  return lines;
}

std::vector<std::string> Ours(const SudoPolicy& policy) {
  std::vector<std::string> lines;
  for (const auto& one : policy.user_specs) {
    for (const SudoPrivilege& privilege : one.spec.privileges) {
      for (const SudoCommand& command : privilege.commands) {
        lines.push_back(List(std::optional(one.spec.users)) + " " +
                        List(std::optional(privilege.hosts)) + " (" + List(command.run_users) +
                        ":" + List(command.run_groups) + ") auth " + Flag(command.nopasswd, true) +
                        " noexec " + Flag(command.noexec) + " " + SudoMemberText(command.command));
      }
    }
  }
  return lines;
}

std::vector<std::string> Problems(const SudoersTree& tree, const Said& said) {
  std::vector<std::string> problems = said.reasons;
  for (const SudoersSource& source : tree.sources) {
    if (!source.unread.empty()) problems.push_back(source.unread);
    for (const SudoersProblem& problem : source.problems) problems.push_back(problem.text);
  }
  return problems;
}

TEST_P(SudoOracle, KnowsWhoMayBecomeRoot) {
  std::ifstream expected(root_ / "expect");
  std::string account;
  std::string power;
  size_t count = 0;
  while (expected >> account >> power) {
    EXPECT_EQ(Power(account), power) << account << testing::PrintToString(said_.reasons);
    ++count;
  }
  EXPECT_EQ(count, std::size(kAccounts));
}

// What cvtsudoers and visudo read; then each account asks for each command, without a password, and
// root asks what each account may do.
TEST_P(SudoOracle, AgreesWithSudo) {
  std::ostringstream script;
  script << "visudo -c >/dev/null 2>&1; echo $?; cvtsudoers -f json /etc/sudoers 2>/dev/null; "
            "echo; echo ---\n";
  for (const char* account : kAccounts) {
    for (const char* probe : kProbes) {
      script << "setpriv --reuid=" << account << " --regid=" << account
             << " --init-groups sudo -n -u root " << probe
             << " >/dev/null 2>&1 </dev/null; a=$?; sudo -U " << account << " -u root -l " << probe
             << " >/dev/null 2>&1 </dev/null; echo " << account << " $a $?\n";
    }
  }
  const Output answer = Inside(script.str());
  const size_t json_start = answer.text.find('\n') + 1;
  const size_t json_end = answer.text.find("---\n");
  ASSERT_NE(json_end, std::string::npos) << answer.text;
  const bool broken = GetParam().starts_with("broken-");
  const bool doubtful = GetParam().starts_with("doubt-");
  const std::vector<std::string> problems = Problems(tree_, said_);
  EXPECT_EQ(answer.text[0] != '0', broken) << answer.text.substr(0, 200);
  EXPECT_EQ(!problems.empty(), broken || doubtful) << testing::PrintToString(problems);
  if (!broken && !doubtful) {
    const auto json = ParseJsonTree(answer.text.substr(json_start, json_end - json_start));
    ASSERT_TRUE(json.ok()) << json.status() << answer.text;
    EXPECT_EQ(Ours(tree_.policy), Theirs(*json));
  }
  std::istringstream lines(answer.text.substr(json_end + 4));
  for (const char* account : kAccounts) {
    for (const char* probe : kProbes) {
      std::string who;
      int run = -1;
      int listed = -1;
      ASSERT_TRUE(lines >> who >> run >> listed) << answer.text;
      ASSERT_EQ(who, account) << answer.text;
      const bool free = run == 0;
      if (Power(account) == "unknown") continue;
      const SudoGrant* grant = Decides(account, probe);
      const bool allowed = grant != nullptr && !grant->command.negated;
      // sudo -l takes the invoking user, here root, for the one that () names.
      if (!AsItself(account)) {
        EXPECT_EQ(listed == 0, allowed) << account << " " << probe;
      }
      EXPECT_EQ(free, allowed && !grant->authenticate) << account << " " << probe;
    }
  }
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/data/sudoers")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Trees, SudoOracle, testing::ValuesIn(Cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tom
