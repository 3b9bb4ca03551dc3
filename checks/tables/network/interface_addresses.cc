// Addresses of network interfaces, as osquery has them.
#include "checks/engine/table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status GenerateInterfaceAddresses(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const std::vector<InterfaceAddress> addresses, env.InterfaceAddresses());
  for (const InterfaceAddress& one : addresses) {
    const bool more = sink.Add({{"interface", one.interface},
                                {"address", one.address},
                                {"mask", one.mask},
                                {"broadcast", one.broadcast},
                                {"point_to_point", one.point_to_point},
                                {"type", std::string("unknown")}});
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table interface_addresses_table() {
  return {.name = "interface_addresses",
          .description = "Addresses of network interfaces",
          .columns = {{.name = "interface", .description = "Name of the interface"},
                      {.name = "address", .description = "IPv4 or IPv6 address"},
                      {.name = "mask", .description = "Network mask"},
                      {.name = "broadcast", .description = "Broadcast address"},
                      {.name = "point_to_point", .description = "The other end's address"},
                      {.name = "type",
                       .description = "How it came to be; the kernel does not tell: unknown"}},
          .generate = GenerateInterfaceAddresses,
          .touches = [](Env& env, const Declared&) {
            std::vector<Touch> touches;
            if (env.mode() == RootMode::kHostRoot) {
              touches = FileTouches({"/proc/1/ns/net", "/proc/self/ns/net"}, "whose network it is");
            }
            touches.push_back({TouchKind::kSocket, "netlink:route", "addresses of interfaces"});
            return touches;
          }};
}

}  // namespace tom
