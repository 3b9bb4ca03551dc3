// Ports that packet filters let the world reach, as intervals: firewall_state's lists for joins.
#include "checks/engine/table.h"
#include "checks/tables/firewall_facts.h"

namespace tom {
namespace {

bool AddPorts(RowSink& sink, const FirewallView& view, bool six, int64_t protocol,
              const PortSet& ports, bool sure) {
  for (const PortSet::Interval& one : ports.intervals()) {
    const bool more = sink.Add({{"source", view.source},
                                {"backend", view.backend},
                                {"family", int64_t{six ? 10 : 2}},
                                {"protocol", protocol},
                                {"first_port", int64_t{one.first}},
                                {"last_port", int64_t{one.second}},
                                {"sure", int64_t{sure}}});
    if (!more) return false;
  }
  return true;
}

absl::Status GenerateFirewallPorts(Env& env, const TableContext&, RowSink& sink) {
  for (const FirewallView& view : CollectFirewall(env)) {
    for (const bool six : {false, true}) {
      if (!(six ? view.six : view.four)) continue;
      const FirewallState state = JudgeFirewall(view.firewall, six);
      if (!state.problem.empty()) {
        sink.Incomplete(view.source + " " + view.backend + ": " + state.problem);
        continue;
      }
      const bool added =
          AddPorts(sink, view, six, 6, state.open_tcp, true) &&
          AddPorts(sink, view, six, 6, state.maybe_tcp.Without(state.open_tcp), false) &&
          AddPorts(sink, view, six, 17, state.open_udp, true) &&
          AddPorts(sink, view, six, 17, state.maybe_udp.Without(state.open_udp), false);
      if (!added) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table firewall_ports_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "firewall_ports",
      .description = "Ports that packet filters let the world reach",
      .columns =
          {{.name = "source", .description = "running or configured"},
           {.name = "backend", .description = "kernel, nftables, iptables, ufw or firewalld"},
           {.name = "family", .type = kInt, .description = "2 IPv4, 10 IPv6"},
           {.name = "protocol", .type = kInt, .description = "6 TCP, 17 UDP"},
           {.name = "first_port", .type = kInt, .description = "First of an interval"},
           {.name = "last_port", .type = kInt, .description = "Last of it"},
           {.name = "sure", .type = kInt, .description = "1: surely open; 0: conditions decide"}},
      .generate = GenerateFirewallPorts,
      .touches = [](Env& env, const Declared&) { return FirewallTouches(env); }};
}

}  // namespace tom
