// The packet filters of this host: what the kernel runs now, and what is configured for its next
// start. Tables firewall_rules, firewall_state, firewall_ports and iptables show them.
#ifndef TOM_CHECKS_TABLES_FIREWALL_FACTS_H_
#define TOM_CHECKS_TABLES_FIREWALL_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/env/env.h"
#include "checks/parse/firewall.h"

namespace tom {

struct FirewallView {
  std::string source;   // running, configured
  std::string backend;  // kernel (all of nf_tables and xtables), nftables, iptables, ufw, firewalld
  std::string file;     // of a configuration: the main one
  std::optional<bool> enabled;  // loaded at the next start
  bool four = true;             // families that it speaks for
  bool six = true;
  Firewall firewall;
};

// The kernel's view comes first and is always there; one that cannot be told says so in `unclear`.
std::vector<FirewallView> CollectFirewall(Env& env);

// Lines of iptables-save for IPv4 of the kernel, as `iptables` shows them.
absl::StatusOr<std::string> RunningIptables(Env& env);

std::vector<Touch> FirewallTouches(Env& env);

// The programs that show the kernel's rules need CAP_NET_ADMIN, which an evaluator gives up: what
// they say may be fetched before (Env's prepared programs).
std::vector<ProgramRequest> FirewallPrograms();

// Of configurations; each adds the views that it finds.
void AddNftablesConfig(Env& env, std::vector<FirewallView>& views);
void AddIptablesConfig(Env& env, std::vector<FirewallView>& views);
void AddUfwConfig(Env& env, std::vector<FirewallView>& views);
void AddFirewalldConfig(Env& env, std::vector<FirewallView>& views);

// Whether the unit starts with the system (UnitFiles::Starts) and runs one of the commands, which
// its own arguments may follow. Nothing: cannot be told.
std::optional<bool> UnitEnabled(Env& env, const std::string& unit,
                                const std::vector<std::string>& commands);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FIREWALL_FACTS_H_
