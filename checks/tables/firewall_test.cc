// Packet filters of tests/data/firewall: as they are written, and as the kernel lists them once the
// real nft and iptables-restore have loaded them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/engine/scan.h"
#include "checks/engine/table.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"
#include "checks/parse/firewall_readers.h"
#include "checks/tables/firewall_facts.h"

namespace tom {

Table firewall_state_table();
Table firewall_rules_table();
Table firewall_ports_table();
Table iptables_table();

namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool NoInclude(const std::string&, std::vector<std::pair<std::string, std::string>>&) {
  return false;
}

std::string Shown(const FirewallState& state) {
  if (!state.default_deny) return "?";
  if (!*state.default_deny) return "open";
  const auto ports = [](const PortSet& set) { return set.empty() ? "-" : set.Text(); };
  return "deny tcp " + ports(state.maybe_tcp) + " udp " + ports(state.maybe_udp);
}

// "# expect 4 deny …" -> family, the rest.
std::map<char, std::string> Expected(const std::string& text) {
  std::map<char, std::string> expected;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("# expect ")) expected[line[9]] = line.substr(11);
  }
  return expected;
}

class FirewallFiles : public testing::TestWithParam<fs::path> {
 protected:
  void Check(const Firewall& firewall, const char* what) {
    for (const auto& [family, expected] : Expected(Slurp(GetParam()))) {
      const FirewallState state = JudgeFirewall(firewall, family == '6');
      EXPECT_EQ(Shown(state), expected) << what << " IPv" << family << " " << state.problem;
    }
  }
  bool IsNft() const { return GetParam().extension() == ".nft"; }
};

// Runs a script and gives what it prints; its status in `status`.
std::string Shell(const std::string& script, int& status) {
  FILE* pipe = popen((script + " 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> chunk;
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk.data(), got);
  status = pclose(pipe);
  return output;
}

TEST_P(FirewallFiles, AreReadAsTheyAreWritten) {
  const std::string text = Slurp(GetParam());
  ASSERT_FALSE(Expected(text).empty());
  Firewall firewall;
  const absl::Status status = IsNft() ? AddNftText(text, "test", NoInclude, firewall)
                                      : AddIptablesSave(text, false, firewall);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(firewall.unclear.empty()) << firewall.unclear[0];
  Check(firewall, "as written");
}

TEST_P(FirewallFiles, AreReadAsTheKernelListsThem) {
  const std::string file = GetParam();
  int status = 0;
  const std::string load = IsNft() ? "nft -f " + file : "iptables-nft-restore < " + file;
  const std::string list = IsNft() ? "nft -j list ruleset" : "iptables-nft-save";
  const std::string output =
      Shell("unshare -n sh -c 'PATH=/usr/sbin:$PATH; " + load + " && " + list + "'", status);
  ASSERT_EQ(status, 0) << output;
  Firewall firewall;
  std::set<std::string> opaque;
  const absl::Status read =
      IsNft() ? AddNftJson(output, firewall, opaque) : AddIptablesSave(output, false, firewall);
  ASSERT_TRUE(read.ok()) << read << output;
  EXPECT_TRUE(firewall.unclear.empty()) << firewall.unclear[0];
  Check(firewall, "as listed");
}

std::vector<fs::path> Files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/data/firewall")) {
    if (entry.path().extension() != ".md") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(All, FirewallFiles, testing::ValuesIn(Files()), [](const auto& one) {
  std::string name = one.param.filename();
  for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
  return name;
});

// Rules of xtables that nft can only show as such, out of the kernel by both programs.
TEST(FirewallKernel, XtablesRulesAreReadByTheirOwnProgram) {
  int status = 0;
  const std::string rules = TOM_SOURCE_DIR "/tests/data/firewall/debian.rules";
  const std::string script = "unshare -n sh -c 'PATH=/usr/sbin:$PATH; iptables-nft-restore < " +
                             rules + " && nft -j list ruleset && echo ==== && iptables-nft-save'";
  const std::string output = Shell(script, status);
  ASSERT_EQ(status, 0) << output;
  const size_t cut = output.find("====\n");
  ASSERT_NE(cut, std::string::npos) << output;
  std::string json = output.substr(0, cut);
  if (const size_t brace = json.find('{'); brace != std::string::npos) json.erase(0, brace);
  FakeEnv env;
  env.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, json, ""});
  env.AddProgram("/usr/sbin/iptables-nft-save", ProgramResult{0, output.substr(cut + 5), ""});
  const std::vector<FirewallView> views = CollectFirewall(env);
  ASSERT_EQ(views.size(), 1u);
  EXPECT_TRUE(views[0].firewall.unclear.empty()) << views[0].firewall.unclear[0];
  EXPECT_EQ(Shown(JudgeFirewall(views[0].firewall, false)), "deny tcp 22 443 udp -");
  EXPECT_EQ(Shown(JudgeFirewall(views[0].firewall, true)), "open");
  const Declared declared;
  const Scan scan =
      ScanTable(iptables_table(), env, {.declared = declared, .constraints = {}}, nullptr);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_EQ(scan.rows.size(), 11u);  // three policies and eight rules
}

using Cells = std::map<std::string, std::string>;

std::vector<Cells> StateOf(Env& env, std::vector<std::string>* incomplete = nullptr) {
  const Table table = firewall_state_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  if (incomplete != nullptr) *incomplete = scan.incomplete;
  std::vector<Cells> rows;
  for (const ValueRow& row : scan.rows) {
    Cells& cells = rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells[table.columns[i].name] = IsNull(row[i]) ? "?" : ValueText(row[i]);
    }
  }
  return rows;
}

constexpr char kEmpty[] = R"({"nftables": [{"metainfo": {"version": "1.0.6"}}]})";

TEST(FirewallState, AnEmptyKernelIsOpen) {
  FakeEnv env;
  env.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, kEmpty, ""});
  std::vector<std::string> incomplete;
  const auto rows = StateOf(env, &incomplete);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("default_deny"), "0");
  EXPECT_EQ(rows[1].at("input_hook"), "0");
  EXPECT_TRUE(incomplete.empty());
}

TEST(FirewallState, WhatCannotBeAskedIsNotTold) {
  FakeEnv denied;
  denied.AddProgram("/usr/sbin/nft -j list ruleset",
                    ProgramResult{1, "", "Operation not permitted (you must be root)\n"});
  FakeEnv dead;
  dead.SetMode(RootMode::kDeadTree);
  FakeEnv absent;
  FakeEnv garbled;
  garbled.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, "{\"nftables\": 1}", ""});
  FakeEnv legacy;
  legacy.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, kEmpty, ""});
  legacy.AddFile("/proc/net/ip_tables_names", "filter\n");
  for (FakeEnv* env : {&denied, &dead, &absent, &garbled, &legacy}) {
    std::vector<std::string> incomplete;
    const auto rows = StateOf(*env, &incomplete);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].at("default_deny"), "?");
    EXPECT_NE(rows[0].at("problem"), "?");
    EXPECT_FALSE(incomplete.empty());
  }
}

TEST(FirewallState, ConfigurationsSpeakForTheNextStart) {
  FakeEnv env;
  env.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, kEmpty, ""});
  env.AddFile(
      "/etc/nftables.conf",
      "include \"/etc/nftables.d/*.nft\"\ntable inet f { chain input { type filter hook input "
      "priority 0; policy drop; include_nothing; } }\n");
  env.AddFile("/etc/nftables.d/a.nft", "table inet f { chain input { tcp dport 22 accept; } }\n");
  env.AddFile("/lib/systemd/system/nftables.service",
              "[Service]\nExecStart=/usr/sbin/nft -f /etc/nftables.conf\n");
  env.AddLink("/etc/systemd/system/sysinit.target.wants/nftables.service",
              "/lib/systemd/system/nftables.service");
  env.AddFile("/etc/iptables/rules.v4", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n");
  const auto rows = StateOf(env);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[2].at("backend"), "nftables");
  EXPECT_EQ(rows[2].at("enabled"), "1");
  EXPECT_EQ(rows[2].at("default_deny"), "1");
  EXPECT_EQ(rows[2].at("open_tcp"), "22");
  EXPECT_EQ(rows[4].at("backend"), "iptables");
  EXPECT_EQ(rows[4].at("enabled"), "0");
  EXPECT_EQ(rows[4].at("default_deny"), "0");
}

TEST(FirewallState, UfwsFilesAreFollowed) {
  FakeEnv env;
  env.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, kEmpty, ""});
  env.AddFile("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n");
  env.AddFile("/etc/default/ufw", "IPV6=no\nDEFAULT_INPUT_POLICY=\"DROP\"\n");
  env.AddFile("/lib/systemd/system/ufw.service",
              "[Service]\nExecStart=/lib/ufw/ufw-init start quiet\n");
  env.AddLink("/etc/systemd/system/multi-user.target.wants/ufw.service",
              "/lib/systemd/system/ufw.service");
  env.AddFile("/etc/ufw/before.rules",
              "*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input -i lo -j ACCEPT\n"
              "-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
              "-A ufw-before-input -j ufw-user-input\nCOMMIT\n");
  env.AddFile("/etc/ufw/user.rules",
              "*filter\n:ufw-user-input - [0:0]\n### tuple ### allow tcp 22 0.0.0.0/0 any\n"
              "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n");
  env.AddFile("/etc/ufw/after.rules", "*filter\n:ufw-after-input - [0:0]\nCOMMIT\n");
  const auto rows = StateOf(env);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2].at("default_deny"), "1") << rows[2].at("problem");
  EXPECT_EQ(rows[2].at("open_tcp"), "22");
  EXPECT_EQ(rows[2].at("enabled"), "1");
  EXPECT_EQ(rows[3].at("family"), "10");
  EXPECT_EQ(rows[3].at("default_deny"), "?");
}

TEST(FirewallState, FirewalldsZonesAreFollowed) {
  FakeEnv env;
  env.AddProgram("/usr/sbin/nft -j list ruleset", ProgramResult{0, kEmpty, ""});
  env.AddFile("/etc/firewalld/firewalld.conf", "DefaultZone=public\n");
  env.AddFile("/usr/lib/firewalld/zones/public.xml",
              "<?xml version=\"1.0\"?><zone><short>Public</short><service name=\"ssh\"/>"
              "<port protocol=\"udp\" port=\"5000-5010\"/></zone>");
  env.AddFile("/usr/lib/firewalld/services/ssh.xml",
              "<service><port protocol=\"tcp\" port=\"22\"/></service>");
  const auto rows = StateOf(env);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2].at("default_deny"), "1") << rows[2].at("problem");
  EXPECT_EQ(rows[2].at("open_tcp"), "22");
  EXPECT_EQ(rows[3].at("open_udp"), "5000-5010");
}

// What is not understood never closes anything.
TEST(FirewallText, OddTextIsNeverTakenForADrop) {
  const char* odd[] = {
      "table inet f { chain i { type filter hook input priority 0; policy drop; } }\ndelete rule "
      "inet f i handle 3",
      "table inet f { chain i { type filter hook input priority 0; policy drop; tcp dport $X "
      "accept } }",
      "include \"missing\"\ntable inet f { chain i { type filter hook input priority 0; policy "
      "drop; } }",
      "table inet f { flags dormant; chain i { type filter hook input priority 0; policy drop; } }",
      "table inet f { chain i { type filter hook input priority 0; policy drop; jump nowhere } }",
      "table inet f { chain i { type filter hook input priority 0; policy drop; jump i } }",
      "table inet f { chain i { type filter hook input priority 0; policy drop; socket transparent "
      "1 accept } }",
      "table inet f { chain i { type filter hook input priority 0; policy drop; } }\nflush ruleset",
      "table inet f { chain i { type filter hook input priority 0; policy drop; queue num 1 } }",
  };
  for (const char* text : odd) {
    Firewall firewall;
    const absl::Status status = AddNftText(text, "test", NoInclude, firewall);
    ASSERT_TRUE(status.ok()) << status;
    const FirewallState state = JudgeFirewall(firewall, false);
    EXPECT_FALSE(state.default_deny.value_or(false)) << text << " " << Shown(state);
  }
}

}  // namespace
}  // namespace tom
