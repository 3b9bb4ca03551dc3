// Single conditions of rules, in nftables' words (firewall.h).
#include <algorithm>

#include "checks/parse/firewall.h"

namespace tom {
namespace {

using Values = std::vector<std::string>;

bool IsAny(const Values& values, std::initializer_list<std::string_view> of) {
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    return std::find(of.begin(), of.end(), value) != of.end();
  });
}

bool AreAll(const Values& values, std::initializer_list<std::string_view> of) {
  return !values.empty() &&
         std::all_of(values.begin(), values.end(), [&](const std::string& value) {
           return std::find(of.begin(), of.end(), value) != of.end();
         });
}

std::string ProtocolName(const std::string& value) {
  if (value == "6") return "tcp";
  if (value == "17") return "udp";
  if (value == "1") return "icmp";
  if (value == "58") return "icmpv6";
  return value;
}

void Protocols(FirewallRule& rule, bool negated, const Values& values) {
  std::set<std::string> named;
  for (const std::string& value : values) {
    if (value.empty() || value[0] == '@' || value == "all" || value == "0") {
      rule.conditional = rule.conditional || value != "all";
      return;
    }
    named.insert(ProtocolName(value));
  }
  if (negated) {
    // Of the two that are judged, the ones that are not named.
    std::set<std::string> rest = {"tcp", "udp", "other"};
    for (const std::string& one : named) rest.erase(one);
    named = std::move(rest);
  }
  if (rule.protocols) {
    std::set<std::string> both;
    for (const std::string& one : named) {
      if (rule.protocols->count(one) != 0) both.insert(one);
    }
    named = std::move(both);
  }
  rule.protocols = std::move(named);
}

void Ports(FirewallRule& rule, bool negated, const Values& values) {
  PortSet ports;
  for (const std::string& value : values) {
    const auto interval = PortIntervalOf(value);
    if (!interval) {
      rule.conditional = true;  // any port, perhaps
      return;
    }
    ports = ports.Union(PortSet({*interval}));
  }
  if (negated) ports = ports.Complement();
  rule.ports = rule.ports ? rule.ports->Intersect(ports) : ports;
}

// A new connection's packet is neither established nor related, and its state is known.
void States(FirewallRule& rule, bool negated, const Values& values) {
  const bool known = std::all_of(values.begin(), values.end(), [](const std::string& value) {
    return IsAny({value}, {"new", "established", "related", "invalid", "untracked", "NEW",
                           "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"});
  });
  if (!known || IsAny(values, {"untracked", "UNTRACKED"})) {
    // Where tracking is off for it, a new packet is untracked.
    if (!IsAny(values, {"new", "NEW"}) || negated) rule.conditional = true;
    return;
  }
  const bool named = IsAny(values, {"new", "NEW"});
  if (named == negated) rule.never = true;
}

void Interface(FirewallRule& rule, bool negated, const Values& values) {
  const bool loopback = AreAll(values, {"lo", "\"lo\""});
  if (loopback && !negated) rule.never = true;
  if (!loopback) rule.conditional = true;
}

struct Prefix {
  bool six = false;
  int bits = 0;
  bool understood = false;
  bool multicast = false;
};

Prefix PrefixOf(const std::string& value) {
  Prefix prefix;
  const size_t slash = value.find('/');
  const std::string address = value.substr(0, slash);
  prefix.six = address.find(':') != std::string::npos;
  const bool four = !prefix.six && address.find('.') != std::string::npos;
  if (address.find('-') != std::string::npos || !(prefix.six || four)) return prefix;
  prefix.bits = prefix.six ? 128 : 32;
  if (slash != std::string::npos) {
    const std::string mask = value.substr(slash + 1);
    if (mask.empty() || mask.size() > 3 ||
        mask.find_first_not_of("0123456789") != std::string::npos)
      return prefix;
    prefix.bits = std::stoi(mask);
  }
  prefix.understood = true;
  prefix.multicast = (prefix.six && address.starts_with("ff")) || address == "255.255.255.255" ||
                     (four && address.size() > 3 && address.compare(0, 3, "224") >= 0 &&
                      address.compare(0, 3, "239") <= 0 && address[3] == '.');
  return prefix;
}

// A rule for some sources does not match the world's; one for nearly all of them may.
void Source(FirewallRule& rule, bool negated, const Values& values) {
  bool narrow = !values.empty();
  bool all = false;
  for (const std::string& value : values) {
    const Prefix prefix = PrefixOf(value);
    narrow = narrow && prefix.understood && prefix.bits >= (prefix.six ? 16 : 8);
    all = all || (prefix.understood && prefix.bits == 0);
  }
  if (negated) {
    // All but a few: the world's, unless it is one of the few.
    rule.conditional = rule.conditional || !narrow;
    rule.never = rule.never || all;
    return;
  }
  if (narrow) {
    rule.never = true;
  } else if (!all) {
    rule.conditional = true;
  }
}

void Destination(FirewallRule& rule, bool negated, const Values& values) {
  bool multicast = !values.empty();
  bool all = false;
  for (const std::string& value : values) {
    const Prefix prefix = PrefixOf(value);
    multicast = multicast && prefix.understood && prefix.multicast && prefix.bits > 0;
    all = all || (prefix.understood && prefix.bits == 0);
  }
  if (multicast && !negated) {
    rule.never = true;
  } else if (!(all && !negated)) {
    rule.conditional = true;
  }
}

void Family(FirewallRule& rule, bool four, bool six) {
  rule.four = rule.four && four;
  rule.six = rule.six && six;
}

void NamedFamily(FirewallRule& rule, bool negated, const Values& values) {
  const bool four = IsAny(values, {"ipv4", "ip", "2", "0x0800", "8"});
  const bool six = IsAny(values, {"ipv6", "ip6", "10", "0x86dd"});
  if (!four && !six) {
    if (negated || !AreAll(values, {"arp", "vlan"}))
      rule.conditional = true;
    else
      rule.never = true;
    return;
  }
  if (negated) {
    Family(rule, !four, !six);
  } else {
    Family(rule, four, six);
  }
}

}  // namespace

void AddCondition(FirewallRule& rule, std::string_view selector, bool negated,
                  const Values& values) {
  const size_t blank = selector.find(' ');
  const std::string_view first = selector.substr(0, blank);
  const std::string_view second = blank == std::string_view::npos ? "" : selector.substr(blank + 1);
  if (first == "ip" || first == "icmp") Family(rule, true, false);
  if (first == "ip6" || first == "icmpv6") Family(rule, false, true);
  for (const char* protocol : {"tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6"}) {
    if (first == protocol) Protocols(rule, false, {protocol});
  }
  if (selector == "meta l4proto" || selector == "ip protocol" || selector == "ip6 nexthdr") {
    Protocols(rule, negated, values);
  } else if (second == "dport") {
    Ports(rule, negated, values);
  } else if (first == "icmp" || first == "icmpv6") {
    return;
  } else if (selector == "ct state") {
    States(rule, negated, values);
  } else if (selector == "iif" || selector == "iifname" || selector == "meta iif" ||
             selector == "meta iifname") {
    Interface(rule, negated, values);
  } else if (second == "saddr" && (first == "ip" || first == "ip6")) {
    Source(rule, negated, values);
  } else if (second == "daddr" && (first == "ip" || first == "ip6")) {
    Destination(rule, negated, values);
  } else if (selector == "meta nfproto" || selector == "meta protocol" ||
             selector == "ether type") {
    NamedFamily(rule, negated, values);
  } else {
    rule.conditional = true;
  }
}

}  // namespace tom
