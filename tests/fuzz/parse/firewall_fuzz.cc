// Packet filters in all three languages: the reader ends; what is surely open may be open; nothing
// is closed where something was not understood; a drop put in front of everything leaves nothing
// open.
#include "checks/parse/firewall_readers.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Judge(Firewall firewall) {
  for (const bool six : {false, true}) {
    const FirewallState state = JudgeFirewall(firewall, six);
    TOM_FUZZ_CHECK(state.open_tcp.Without(state.maybe_tcp).empty());
    TOM_FUZZ_CHECK(state.open_udp.Without(state.maybe_udp).empty());
    const bool deny = state.default_deny.value_or(false);
    TOM_FUZZ_CHECK(!deny || (firewall.unclear.empty() && state.problem.empty()));
    TOM_FUZZ_CHECK(!deny || state.maybe_tcp.size() <= 32768);
  }
  FirewallChain chain;
  chain.family = "inet";
  chain.hook = "input";
  FirewallRule accept;
  accept.verdict = FirewallVerdict::kAccept;
  chain.rules.push_back(accept);
  chain.policy = "drop";
  Firewall open;
  open.chains.push_back(chain);
  TOM_FUZZ_CHECK(!JudgeFirewall(open, false).default_deny.value_or(true));
}

bool NoInclude(const std::string&, std::vector<std::pair<std::string, std::string>>&) {
  return false;
}

}  // namespace

void Fuzz(std::string_view input) {
  Firewall text;
  if (AddNftText(input, "f", NoInclude, text).ok()) Judge(text);
  Firewall saved;
  if (AddIptablesSave(input, false, saved).ok()) Judge(saved);
  Firewall listed;
  std::set<std::string> opaque;
  if (AddNftJson(input, listed, opaque).ok()) Judge(listed);
}

}  // namespace tom
