// A packet filter as values, whatever language it was written in, and what it lets in. Pure and
// thread-safe.
//
// Judged is one kind of packet: the first of a new connection, over TCP or UDP, by IPv4 or IPv6,
// from somewhere in the world, to this host. A rule's effect on it is known, or it may match or not
// (`conditional`); both are followed, so that nothing is called closed that may be open.
#ifndef TOM_CHECKS_PARSE_FIREWALL_H_
#define TOM_CHECKS_PARSE_FIREWALL_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/port_set.h"

namespace tom {

enum class FirewallVerdict {
  kNone,  // counts, logs, marks: the next rule is looked at
  kAccept,
  kDrop,  // reject too
  kJump,
  kGoto,
  kReturn,
  kTranslate,  // destination NAT or redirection: goes on to another port or host
  kOther,      // another program or mechanism decides
};

std::string_view FirewallVerdictName(FirewallVerdict verdict);

struct FirewallRule {
  FirewallVerdict verdict = FirewallVerdict::kNone;
  std::string target;  // chain of a jump
  bool four = true;    // may match IPv4
  bool six = true;
  std::optional<std::set<std::string>> protocols;  // tcp, udp, icmp, …; nothing: any
  std::optional<PortSet> ports;                    // destination; nothing: any
  bool never = false;        // does not match a new packet from the world: loopback, established,
                             // certain sources
  bool conditional = false;  // has conditions that may hold or not
  std::string text;
};

// Adds one condition. `selector` is in nftables' words: "tcp dport", "ct state", "iifname",
// "ip saddr"; one that is not known makes the rule conditional.
void AddCondition(FirewallRule& rule, std::string_view selector, bool negated,
                  const std::vector<std::string>& values);

struct FirewallChain {
  std::string family;  // ip ip6 inet arp bridge netdev
  std::string table;
  std::string name;
  std::string hook;  // input prerouting …; empty: only jumped to
  std::string type;  // filter nat route
  int64_t priority = 0;
  std::string policy;  // of a base chain: accept, drop
  std::vector<FirewallRule> rules;
};

struct Firewall {
  std::vector<FirewallChain> chains;
  std::vector<std::string> unclear;  // what was not understood: nothing is sure then
};

// What one family of addresses lets in.
struct FirewallState {
  bool input_hook = false;  // some chain filters what comes in
  PortSet open_tcp;         // surely open to the world
  PortSet open_udp;
  PortSet maybe_tcp;  // may be open; has the surely open ones too
  PortSet maybe_udp;
  // More than half of all ports of TCP and of UDP are closed: true; surely not: false; nothing: not
  // told.
  std::optional<bool> default_deny;
  std::string problem;
};

FirewallState JudgeFirewall(const Firewall& firewall, bool six);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_FIREWALL_H_
