// Configured packet filters: nftables' own file, iptables' saved rules and ufw (firewall_facts.h).
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/firewall_readers.h"
#include "checks/tables/config_files.h"
#include "checks/tables/firewall_facts.h"

namespace tom {
namespace {

void Say(Firewall& firewall, const ConfigFiles& files) {
  firewall.unclear.insert(firewall.unclear.end(), files.problems().begin(), files.problems().end());
}

void AddNftFile(Env& env, const char* path, std::vector<FirewallView>& views) {
  ConfigFiles files(env);
  const auto text = files.Read(path);
  if (absl::IsNotFound(text.status())) return;
  FirewallView view;
  view.source = "configured";
  view.backend = "nftables";
  view.file = path;
  view.enabled = UnitEnabled(
      env, "nftables.service",
      {std::string("/usr/sbin/nft -f ").append(path), std::string("/sbin/nft -f ").append(path)});
  const NftInclude include = [&files](const std::string& pattern,
                                      std::vector<std::pair<std::string, std::string>>& found) {
    for (const std::string& one : files.Match(InFolder("/etc", pattern))) {
      auto content = files.Read(one);
      if (!content.ok()) return false;
      found.emplace_back(one, *std::move(content));
    }
    return true;
  };
  absl::Status status = text.status();
  if (text.ok()) status = AddNftText(*text, path, include, view.firewall);
  if (!status.ok()) view.firewall.unclear.emplace_back(status.message());
  Say(view.firewall, files);
  views.push_back(std::move(view));
}

struct SavedFile {
  const char* path;
  bool six;
  const char* unit;
  const char* command;
};

// netfilter-persistent of Debian, iptables-services of Fedora.
constexpr SavedFile kSaved[] = {{"/etc/iptables/rules.v4", false, "netfilter-persistent.service",
                                 "/usr/sbin/netfilter-persistent start"},
                                {"/etc/iptables/rules.v6", true, "netfilter-persistent.service",
                                 "/usr/sbin/netfilter-persistent start"},
                                {"/etc/sysconfig/iptables", false, "iptables.service",
                                 "/usr/libexec/iptables/iptables.init start"},
                                {"/etc/sysconfig/ip6tables", true, "ip6tables.service",
                                 "/usr/libexec/iptables/ip6tables.init start"}};

// "KEY=value" of shell files, without quotes; the last one.
std::string ShellValue(const std::string& text, std::string_view key) {
  std::string value;
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string_view content = TrimLine(line.text);
    if (!content.starts_with(key) || content.size() <= key.size() || content[key.size()] != '=') {
      continue;
    }
    std::string_view right = TrimLine(content.substr(key.size() + 1));
    const bool quoted = right.size() >= 2 && (right[0] == '"' || right[0] == '\'');
    if (quoted) {
      const size_t end = right.find(right[0], 1);
      right = right.substr(1, end == std::string_view::npos ? end : end - 1);
    } else {
      right = right.substr(0, right.find_first_of(" \t#"));
    }
    value = right;
  }
  return value;
}

class Ufw {
 public:
  explicit Ufw(Env& env) : env_(env), files_(env) {}

  void Add(std::vector<FirewallView>& views) {
    const auto conf = files_.Read("/etc/ufw/ufw.conf");
    if (absl::IsNotFound(conf.status())) return;
    const auto defaults = files_.Read("/etc/default/ufw");
    FirewallView four;
    four.source = "configured";
    four.backend = "ufw";
    four.file = "/etc/ufw/ufw.conf";
    if (conf.ok()) {
      const std::string enabled = ShellValue(*conf, "ENABLED");
      const auto started = UnitEnabled(env_, "ufw.service",
                                       {"/lib/ufw/ufw-init start", "/usr/lib/ufw/ufw-init start"});
      four.enabled = EqualsNoCase(enabled, "yes") ? started : std::optional(false);
      if (enabled.empty()) four.enabled.reset();
    }
    four.six = false;
    FirewallView six = four;
    six.four = false;
    six.six = true;
    for (const absl::Status& status : {conf.status(), defaults.status()}) {
      if (status.ok()) continue;
      four.firewall.unclear.emplace_back(status.message());
      six.firewall.unclear.emplace_back(status.message());
    }
    const std::string text = defaults.ok() ? *defaults : "";
    Compose(text, false, four.firewall);
    if (EqualsNoCase(ShellValue(text, "IPV6"), "yes")) {
      Compose(text, true, six.firewall);
    } else {
      six.firewall.unclear.emplace_back("ufw does not look after IPv6 (IPV6 is not yes)");
    }
    views.push_back(std::move(four));
    views.push_back(std::move(six));
  }

 private:
  // ufw's own INPUT goes through before, user and after rules, and then to its policy.
  void Compose(const std::string& defaults, bool six, Firewall& firewall) {
    const std::string digit = six ? "6" : "";
    const std::string prefix = six ? "ufw6-" : "ufw-";
    std::string rules = "*filter\n:INPUT " + Policy(defaults, firewall) + "\n-A INPUT -j " +
                        prefix + "before-input\n-A INPUT -j " + prefix + "after-input\n";
    for (const char* name : {"before", "user", "after"}) {
      const std::string path = std::string("/etc/ufw/") + name + digit + ".rules";
      const auto text = files_.Read(path);
      if (!text.ok()) return firewall.unclear.emplace_back(text.status().message()), void();
      Filters(*text, rules);
    }
    rules.append("COMMIT\n");
    const absl::Status status = AddIptablesSave(rules, six, firewall);
    if (!status.ok()) firewall.unclear.emplace_back(status.message());
    for (const char* chain : {"user-limit-accept", "user-limit", "skip-to-policy-input",
                              "logging-deny", "logging-allow", "not-local"}) {
      EnsureChain(prefix + chain, six, firewall);
    }
  }

  static std::string Policy(const std::string& defaults, Firewall& firewall) {
    const std::string policy = ShellValue(defaults, "DEFAULT_INPUT_POLICY");
    if (policy == "DROP" || policy == "REJECT") return "DROP";
    if (policy != "ACCEPT") firewall.unclear.emplace_back("DEFAULT_INPUT_POLICY is not understood");
    return "ACCEPT";
  }

  // Chains that ufw makes by itself, without rules in its files.
  static void EnsureChain(const std::string& name, bool six, Firewall& firewall) {
    for (const FirewallChain& chain : firewall.chains) {
      if (chain.name == name) return;
    }
    FirewallChain chain;
    chain.family = six ? "ip6" : "ip";
    chain.table = "filter";
    chain.name = name;
    firewall.chains.push_back(std::move(chain));
  }

  // The lines of *filter; NAT of before.rules is left to the running rules.
  static void Filters(const std::string& text, std::string& rules) {
    bool inside = false;
    for (const NumberedLine& line : LinesOf(text)) {
      const std::string_view content = TrimLine(line.text);
      if (content.starts_with("*")) inside = content == "*filter";
      if (!inside || content.starts_with("*") || content == "COMMIT") continue;
      rules.append(content).append("\n");
    }
  }

  Env& env_;
  ConfigFiles files_;
};

}  // namespace

void AddNftablesConfig(Env& env, std::vector<FirewallView>& views) {
  AddNftFile(env, "/etc/nftables.conf", views);
  AddNftFile(env, "/etc/sysconfig/nftables.conf", views);
}

void AddIptablesConfig(Env& env, std::vector<FirewallView>& views) {
  for (const SavedFile& saved : kSaved) {
    ConfigFiles files(env);
    const auto text = files.Read(saved.path);
    if (absl::IsNotFound(text.status())) continue;
    FirewallView view;
    view.source = "configured";
    view.backend = "iptables";
    view.file = saved.path;
    view.enabled = UnitEnabled(env, saved.unit, {saved.command});
    view.four = !saved.six;
    view.six = saved.six;
    absl::Status status = text.status();
    if (text.ok()) status = AddIptablesSave(*text, saved.six, view.firewall);
    if (!status.ok()) view.firewall.unclear.emplace_back(status.message());
    views.push_back(std::move(view));
  }
}

void AddUfwConfig(Env& env, std::vector<FirewallView>& views) { Ufw(env).Add(views); }

}  // namespace tom
