// Packet filters in the languages they are written in -> Firewall. Bytes -> values; files are read
// through the caller's function. Pure apart from that, and thread-safe.
//
// What is not understood makes a rule conditional, or the whole unclear: never a rule that closes.
#ifndef TOM_CHECKS_PARSE_FIREWALL_READERS_H_
#define TOM_CHECKS_PARSE_FIREWALL_READERS_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "checks/parse/firewall.h"

namespace tom {

inline constexpr size_t kMaxFirewallRules = 50000;

// `nft -j list ruleset` (libnftables-json(5)). `opaque` names the tables ("ip filter") that hold
// rules of xtables, which nft can only show as such.
absl::Status AddNftJson(std::string_view json, Firewall& firewall, std::set<std::string>& opaque);

// Paths and contents of what an include names; false where that cannot be told.
using NftInclude = std::function<bool(const std::string& pattern,
                                      std::vector<std::pair<std::string, std::string>>& files)>;

// nft(8)'s own language, as /etc/nftables.conf has it.
absl::Status AddNftText(std::string_view text, const std::string& path, const NftInclude& include,
                        Firewall& firewall);

// iptables-save(8). `six` is ip6tables'. Chains that the tables have from the start come with their
// hooks.
absl::Status AddIptablesSave(std::string_view text, bool six, Firewall& firewall);

// One rule of iptables, its words without -A and the chain.
struct IptablesRule {
  FirewallRule rule;
  // As osquery's table has them.
  std::string target;
  std::string protocol;
  std::string source_ports;
  std::string destination_ports;
  std::string source;
  std::string destination;
  std::string in_interface;
  std::string out_interface;
  std::string match;
};
IptablesRule ParseIptablesRule(const std::vector<std::string>& words, bool six);

// The words of a line of iptables-save.
std::vector<std::string> IptablesWords(std::string_view line);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_FIREWALL_READERS_H_
