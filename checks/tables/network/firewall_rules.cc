// The rules of every packet filter, running and configured, one row each; a chain's own row has
// position 0.
#include "checks/engine/table.h"
#include "checks/tables/firewall_facts.h"

namespace tom {
namespace {

std::string ProtocolsOf(const FirewallRule& rule) {
  std::string text;
  if (!rule.protocols) return text;
  for (const std::string& one : *rule.protocols) text.append(text.empty() ? "" : " ").append(one);
  return text;
}

bool AddRow(RowSink& sink, const FirewallView& view, const FirewallChain& chain,
            const FirewallRule* rule, int64_t position) {
  return sink.Add(
      {{"source", view.source},
       {"backend", view.backend},
       {"file", view.file},
       {"family", chain.family},
       {"table_name", chain.table},
       {"chain", chain.name},
       {"hook", chain.hook},
       {"policy", chain.hook.empty() ? Value() : Value(chain.policy)},
       {"position", position},
       {"verdict",
        rule == nullptr ? Value() : Value(std::string(FirewallVerdictName(rule->verdict)))},
       {"target", rule == nullptr ? Value() : Value(rule->target)},
       {"protocols", rule == nullptr ? Value() : Value(ProtocolsOf(*rule))},
       {"ports", rule == nullptr || !rule->ports ? Value() : Value(rule->ports->Text())},
       {"conditional", rule == nullptr ? Value() : Value(int64_t{rule->conditional})},
       {"from_world", rule == nullptr ? Value() : Value(int64_t{!rule->never})},
       {"rule", rule == nullptr ? Value() : Value(rule->text)}});
}

absl::Status GenerateFirewallRules(Env& env, const TableContext&, RowSink& sink) {
  for (const FirewallView& view : CollectFirewall(env)) {
    for (const std::string& reason : view.firewall.unclear) {
      sink.Incomplete(view.source + " " + view.backend + ": " + reason);
    }
    for (const FirewallChain& chain : view.firewall.chains) {
      if (!AddRow(sink, view, chain, nullptr, 0)) return absl::OkStatus();
      int64_t position = 0;
      for (const FirewallRule& rule : chain.rules) {
        if (!AddRow(sink, view, chain, &rule, ++position)) return absl::OkStatus();
      }
    }
  }
  return absl::OkStatus();
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Column Number(std::string name, std::string description) {
  return {
      .name = std::move(name), .type = ColumnType::kInteger, .description = std::move(description)};
}

}  // namespace

Table firewall_rules_table() {
  return {
      .name = "firewall_rules",
      .description = "Rules of packet filters, as the kernel runs them and as they are configured",
      .columns = {Text("source", "running or configured"),
                  Text("backend", "kernel, nftables, iptables, ufw or firewalld"),
                  Text("file", "Of a configuration"),
                  Text("family", "ip, ip6, inet, arp, bridge or netdev"),
                  Text("table_name", "Table of the filter"), Text("chain", "Chain"),
                  Text("hook", "input, prerouting, …; empty: only jumped to"),
                  Text("policy", "accept or drop, of a chain with a hook"),
                  Number("position", "In the chain, from 1; 0: the chain itself"),
                  Text("verdict", "accept, drop, jump, goto, return, translate, other, continue"),
                  Text("target", "Chain of a jump"),
                  Text("protocols", "Blank-separated; empty: any"),
                  Text("ports", "Destination ports; NULL: any"),
                  Number("conditional", "1: further conditions decide whether it matches"),
                  Number("from_world", "0: never matches a new connection from the world"),
                  Text("rule", "As shown or written")},
      .generate = GenerateFirewallRules,
      .touches = [](Env& env, const Declared&) { return FirewallTouches(env); }};
}

}  // namespace tom
