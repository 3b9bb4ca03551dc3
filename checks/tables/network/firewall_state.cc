// What each packet filter lets in from the world, by family of addresses: its rules followed, port
// by port.
#include "checks/engine/table.h"
#include "checks/tables/firewall_facts.h"

namespace tom {
namespace {

Value PortsOf(const FirewallState& state, const PortSet& ports) {
  return state.problem.empty() ? Value(ports.Text().substr(0, 3000)) : Value();
}

// Other namespaces have filters of their own, which are not looked at.
Value NamespaceOf(Env& env) {
  const bool mounted = env.mode() == RootMode::kHostRoot;
  const auto link = env.ReadLink(mounted ? "/proc/1/ns/net" : "/proc/self/ns/net");
  constexpr std::string_view kStart = "net:[";
  if (!link.ok() || !link->starts_with(kStart) || link->back() != ']') return Value();
  return link->substr(kStart.size(), link->size() - kStart.size() - 1);
}

bool AddRow(RowSink& sink, const FirewallView& view, bool six, const Value& space) {
  const FirewallState state = JudgeFirewall(view.firewall, six);
  return sink.Add(
      {{"source", view.source},
       {"backend", view.backend},
       {"file", view.file},
       {"enabled", NumberOrNull(view.enabled)},
       {"family", int64_t{six ? 10 : 2}},
       {"input_hook", state.problem.empty() ? Value(int64_t{state.input_hook}) : Value()},
       {"default_deny", NumberOrNull(state.default_deny)},
       {"open_tcp", PortsOf(state, state.open_tcp)},
       {"open_udp", PortsOf(state, state.open_udp)},
       {"maybe_tcp", PortsOf(state, state.maybe_tcp)},
       {"maybe_udp", PortsOf(state, state.maybe_udp)},
       {"problem", state.problem.empty() ? Value() : Value(state.problem)},
       {"net_namespace", view.source == "running" ? space : Value()}});
}

absl::Status GenerateFirewallState(Env& env, const TableContext&, RowSink& sink) {
  const Value space = env.mode() == RootMode::kDeadTree ? Value() : NamespaceOf(env);
  for (const FirewallView& view : CollectFirewall(env)) {
    if (view.source == "running" && !view.firewall.unclear.empty()) {
      sink.Incomplete("running: " + view.firewall.unclear.front());
    }
    if (view.four && !AddRow(sink, view, false, space)) break;
    if (view.six && !AddRow(sink, view, true, space)) break;
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

Table firewall_state_table() {
  return {.name = "firewall_state",
          .description = "What packet filters let in from the world, running and configured",
          .columns = {Text("source", "running or configured"),
                      Text("backend", "kernel, nftables, iptables, ufw or firewalld"),
                      Text("file", "Of a configuration"),
                      Number("enabled", "1: loaded at the next start; NULL: running, or not told"),
                      Number("family", "2 IPv4, 10 IPv6"),
                      Number("input_hook", "1: something filters what comes in"),
                      Number("default_deny",
                             "1: more than half of all ports of TCP and of UDP are closed to the "
                             "world; 0: surely not; NULL: not told"),
                      Text("open_tcp", "Ports that are surely open to the world"),
                      Text("open_udp", "The same of UDP"),
                      Text("maybe_tcp", "Ports that may be open, the sure ones too"),
                      Text("maybe_udp", "The same of UDP"),
                      Text("problem", "Why something is not told"),
                      Text("net_namespace", "Inode of the network namespace, of the running one")},
          .generate = GenerateFirewallState,
          .touches = [](Env& env, const Declared&) { return FirewallTouches(env); }};
}

}  // namespace tom
