#include "checks/tables/firewall_facts.h"

#include <algorithm>

#include "checks/parse/firewall_readers.h"
#include "checks/tables/touch_lists.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kNft[] = "/usr/sbin/nft";
constexpr char kNftSave4[] = "/usr/sbin/iptables-nft-save";
constexpr char kNftSave6[] = "/usr/sbin/ip6tables-nft-save";
constexpr char kLegacySave4[] = "/usr/sbin/iptables-legacy-save";
constexpr char kLegacySave6[] = "/usr/sbin/ip6tables-legacy-save";

ProgramRequest RequestOf(const char* path, std::vector<std::string> arguments) {
  ProgramRequest request;
  request.path = path;
  request.arguments = std::move(arguments);
  request.max_output_bytes = 12 << 20;
  return request;
}

absl::StatusOr<std::string> OutputOf(Env& env, const ProgramRequest& request) {
  TOM_ASSIGN_OR_RETURN(const ProgramResult result, env.RunProgram(request));
  if (result.exit_status == 0) return result.output;
  std::string error = result.error.substr(0, std::min<size_t>(result.error.find('\n'), 200));
  return absl::UnavailableError(ToAbsl(request.path + ": " + error));
}

class Running {
 public:
  Running(Env& env, Firewall& firewall) : env_(env), firewall_(firewall) {}

  void Read() {
    std::set<std::string> opaque;
    const auto json = OutputOf(env_, RequestOf(kNft, {"-j", "list", "ruleset"}));
    absl::Status status = json.status();
    if (json.ok()) status = AddNftJson(*json, firewall_, opaque);
    if (!status.ok()) return Unclear(status);
    Replace(opaque, "ip", kNftSave4);
    Replace(opaque, "ip6", kNftSave6);
    Legacy("/proc/net/ip_tables_names", kLegacySave4, false);
    Legacy("/proc/net/ip6_tables_names", kLegacySave6, true);
  }

 private:
  void Unclear(const absl::Status& status) { firewall_.unclear.emplace_back(status.message()); }

  // Tables whose rules nft cannot show are read by the program that made them.
  void Replace(const std::set<std::string>& opaque, const std::string& family,
               const char* program) {
    Firewall saved;
    bool read = false;
    for (const std::string& key : opaque) {
      if (!key.starts_with(family + " ")) continue;
      if (!read) {
        const auto text = OutputOf(env_, RequestOf(program, {}));
        absl::Status status = text.status();
        if (text.ok()) status = AddIptablesSave(*text, family == "ip6", saved);
        if (!status.ok()) return Unclear(status);
        read = true;
      }
      const std::string table = key.substr(family.size() + 1);
      auto& chains = firewall_.chains;
      std::vector<FirewallChain> kept;
      for (FirewallChain& chain : chains) {
        if (chain.family != family || chain.table != table) kept.push_back(std::move(chain));
      }
      for (const FirewallChain& chain : saved.chains) {
        if (chain.table == table) kept.push_back(chain);
      }
      chains = std::move(kept);
    }
    firewall_.unclear.insert(firewall_.unclear.end(), saved.unclear.begin(), saved.unclear.end());
  }

  void Legacy(const char* names, const char* program, bool six) {
    const auto tables = env_.ReadFile(names, 4096);
    if (absl::IsNotFound(tables.status())) return;
    if (!tables.ok()) return Unclear(tables.status());
    if (tables->empty()) return;
    const auto text = OutputOf(env_, RequestOf(program, {}));
    absl::Status status = text.status();
    if (text.ok()) status = AddIptablesSave(*text, six, firewall_);
    if (!status.ok()) Unclear(status);
  }

  Env& env_;
  Firewall& firewall_;
};

}  // namespace

std::vector<ProgramRequest> FirewallPrograms() {
  return {RequestOf(kNft, {"-j", "list", "ruleset"}), RequestOf(kNftSave4, {}),
          RequestOf(kNftSave6, {}), RequestOf(kLegacySave4, {}), RequestOf(kLegacySave6, {})};
}

std::vector<FirewallView> CollectFirewall(Env& env) {
  std::vector<FirewallView> views(1);
  views[0].source = "running";
  views[0].backend = "kernel";
  if (env.mode() == RootMode::kDeadTree) {
    views[0].firewall.unclear.emplace_back("only a live kernel knows the rules it runs");
  } else {
    Running(env, views[0].firewall).Read();
  }
  AddNftablesConfig(env, views);
  AddIptablesConfig(env, views);
  AddUfwConfig(env, views);
  AddFirewalldConfig(env, views);
  return views;
}

absl::StatusOr<std::string> RunningIptables(Env& env) {
  if (env.mode() == RootMode::kDeadTree) {
    return absl::UnimplementedError("only a live kernel knows the rules it runs");
  }
  TOM_ASSIGN_OR_RETURN(std::string text, OutputOf(env, RequestOf(kNftSave4, {})));
  const auto tables = env.ReadFile("/proc/net/ip_tables_names", 4096);
  if (tables.ok() && !tables->empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string legacy, OutputOf(env, RequestOf(kLegacySave4, {})));
    text.append(legacy);
  } else if (!tables.ok() && !absl::IsNotFound(tables.status())) {
    return tables.status();
  }
  return text;
}

namespace {

bool StartsWithWords(std::string_view text, std::string_view words) {
  return text.starts_with(words) && (text.size() == words.size() || text[words.size()] == ' ');
}

}  // namespace

std::optional<bool> UnitEnabled(Env& env, const std::string& unit,
                                const std::vector<std::string>& commands) {
  UnitFiles units(env);
  const Unit found = units.Find(unit);
  if (!found.problem.empty()) return std::nullopt;
  const auto starts = units.Starts(found);
  if (!starts || !*starts) return starts;
  const auto loads = found.content.Values("Service", "ExecStart");
  const bool own = loads.size() == 1 &&
                   std::any_of(commands.begin(), commands.end(), [&](const std::string& command) {
                     return StartsWithWords(loads[0], command);
                   });
  return own ? starts : std::nullopt;
}

std::vector<Touch> FirewallTouches(Env& env) {
  std::vector<Touch> touches = FileTouches(
      {"/proc/*/ns/net", "/proc/net/ip_tables_names", "/proc/net/ip6_tables_names",
       "/etc/nftables.conf", "/etc/iproute2/*", "/etc/connlabel.conf", "/etc/nftables/**",
       "/etc/nftables.d/**", "/etc/sysconfig/*tables*", "/etc/iptables/*", "/etc/ufw/**",
       "/etc/default/ufw", "/etc/firewalld/**", "/usr/lib/firewalld/**"},
      "the packet filter");
  Append(touches, UnitTouches(env));
  Append(touches, FileTouches({"/etc/iproute2/*", "/usr/share/iproute2/*", "/etc/connlabel.conf",
                               "/etc/xtables/connlabel.conf", "/etc/protocols", "/etc/services",
                               "/etc/nsswitch.conf", "/etc/ethertypes"},
                              "names of numbers, read by these programs"));
  for (const ProgramRequest& request : FirewallPrograms()) {
    touches.push_back({TouchKind::kProgram, request.path, "the kernel's packet filter"});
  }
  touches.push_back(
      {TouchKind::kSocket, "netlink:netfilter", "the kernel's packet filter, by these programs"});
  touches.push_back({TouchKind::kCapability, "CAP_NET_ADMIN",
                     "without which the kernel does not show its packet filter"});
  return touches;
}

}  // namespace tom
