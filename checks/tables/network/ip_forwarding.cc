// Whether this host passes packets on between its interfaces, as its kernel does now.
#include "checks/engine/table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Switch {
  const char* path;
  int64_t family;
  bool optional;  // a kernel without IPv6 has none
};

constexpr Switch kSwitches[] = {{"/proc/sys/net/ipv4/ip_forward", 2, false},
                                {"/proc/sys/net/ipv6/conf/all/forwarding", 10, true}};

absl::Status GenerateIpForwarding(Env& env, const TableContext&, RowSink& sink) {
  for (const Switch& one : kSwitches) {
    const auto text = env.ReadFile(one.path, 64);
    if (!text.ok()) {
      const bool absent = one.optional && absl::IsNotFound(text.status()) &&
                          absl::IsNotFound(env.Stat("/proc/sys/net/ipv6").status()) &&
                          env.Stat("/proc/sys/net/ipv4").ok();
      if (!absent) sink.Incomplete(std::string(text.status().message()));
      continue;
    }
    Value forwarding;
    if (*text == "0\n" || *text == "0") forwarding = int64_t{0};
    if (*text == "1\n" || *text == "1" || *text == "2\n") forwarding = int64_t{1};
    if (!sink.Add({{"family", one.family},
                   {"setting", std::string(one.path)},
                   {"forwarding", forwarding}})) {
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table ip_forwarding_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "ip_forwarding",
          .description = "Whether the kernel passes packets on between interfaces",
          .columns = {{.name = "family", .type = kInt, .description = "2 IPv4, 10 IPv6"},
                      {.name = "setting", .description = "File of the kernel's switch"},
                      {.name = "forwarding",
                       .type = kInt,
                       .description = "1: it does; 0: it does not; NULL: not told"}},
          .generate = GenerateIpForwarding,
          .touches = [](Env&, const Declared&) {
            return FileTouches({"/proc/sys/net/ipv4", "/proc/sys/net/ipv4/ip_forward",
                                "/proc/sys/net/ipv6", "/proc/sys/net/ipv6/conf/all/forwarding"},
                               "whether packets are passed on");
          }};
}

}  // namespace tom
