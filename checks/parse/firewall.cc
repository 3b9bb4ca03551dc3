#include "checks/parse/firewall.h"

#include <map>

namespace tom {
namespace {

constexpr int kMaxJumps = 16;         // the kernel's own bound
constexpr size_t kMaxSteps = 100000;  // for one family, all chains and both protocols together
constexpr int kHalf = 32768;

// What may still, and what surely does, get to the next rule.
struct Reach {
  PortSet may;
  PortSet must;
};

// One protocol over one family.
class Walk {
 public:
  Walk(const Firewall& firewall, const FirewallChain& base, bool six, const char* protocol,
       size_t& steps)
      : firewall_(firewall), base_(base), six_(six), protocol_(protocol), steps_(steps) {}

  void Run() {
    const Reach left = Chain(base_, {PortSet::All(), PortSet::All()}, 0);
    if (base_.policy == "drop") return;
    open_ = open_.Union(left.must);
    maybe_ = maybe_.Union(left.may);
  }

  const PortSet& open() const { return open_; }
  const PortSet& maybe() const { return maybe_; }
  const PortSet& translated() const { return translated_; }
  const std::string& problem() const { return problem_; }

 private:
  // What comes out at the chain's end, or by a return.
  Reach Chain(const FirewallChain& chain, Reach here, int depth) {
    if (depth > kMaxJumps) {
      problem_ = "chains that jump deeper than the kernel allows";
      return {here.may, {}};
    }
    Reach out;
    for (const FirewallRule& rule : chain.rules) {
      if (here.may.empty() || ++steps_ > kMaxSteps) break;
      if (!Concerns(rule)) continue;
      const PortSet ports = rule.ports.value_or(PortSet::All());
      if (here.may.Intersect(ports).empty()) continue;
      Apply(rule, chain, ports, here, out, depth);
    }
    if (steps_ > kMaxSteps) problem_ = "more rules than are followed";
    return {out.may.Union(here.may), out.must.Union(here.must)};
  }

  bool Concerns(const FirewallRule& rule) const {
    if (rule.never || !(six_ ? rule.six : rule.four)) return false;
    return !rule.protocols || rule.protocols->count(protocol_) != 0;
  }

  void Apply(const FirewallRule& rule, const FirewallChain& chain, const PortSet& ports,
             Reach& here, Reach& out, int depth) {
    const Reach in = {here.may.Intersect(ports),
                      rule.conditional ? PortSet() : here.must.Intersect(ports)};
    Reach back;  // what goes on with the next rule
    switch (rule.verdict) {
      case FirewallVerdict::kNone:
        return;
      case FirewallVerdict::kAccept:
        open_ = open_.Union(in.must);
        maybe_ = maybe_.Union(in.may);
        break;
      case FirewallVerdict::kOther:
        maybe_ = maybe_.Union(in.may);
        break;
      case FirewallVerdict::kTranslate:
        translated_ = translated_.Union(in.may);
        maybe_ = maybe_.Union(in.may);
        break;
      case FirewallVerdict::kDrop:
        break;
      case FirewallVerdict::kReturn:
        out.may = out.may.Union(in.may);
        out.must = out.must.Union(in.must);
        break;
      case FirewallVerdict::kJump:
      case FirewallVerdict::kGoto:
        back = Follow(rule, chain, in, here.must.Intersect(ports), depth);
        if (rule.verdict == FirewallVerdict::kGoto) {
          out.may = out.may.Union(back.may);
          if (!rule.conditional) out.must = out.must.Union(back.must);
          back = {};
        }
        break;
    }
    if (!rule.conditional) here.may = here.may.Without(ports).Union(back.may);
    here.must = here.must.Without(ports).Union(back.must);
  }

  // `all` is what surely gets to the jump, whether or not it is taken.
  Reach Follow(const FirewallRule& rule, const FirewallChain& chain, const Reach& in,
               const PortSet& all, int depth) {
    for (const FirewallChain& other : firewall_.chains) {
      const bool same = other.family == chain.family && other.table == chain.table;
      if (!same || other.name != rule.target) continue;
      Reach back = Chain(other, in, depth + 1);
      if (!rule.conditional) return back;
      // Taken or not: what surely comes back out of it surely goes on.
      Walk trial(firewall_, base_, six_, protocol_.c_str(), steps_);
      back.must = trial.Chain(other, {all, all}, depth + 1).must.Intersect(all);
      return back;
    }
    problem_ = "a jump to a chain that is not there: " + rule.target.substr(0, 100);
    return {in.may, {}};
  }

  const Firewall& firewall_;
  const FirewallChain& base_;
  bool six_;
  std::string protocol_;
  PortSet open_;
  PortSet maybe_;
  PortSet translated_;
  std::string problem_;
  size_t& steps_;
};

bool Filters(const FirewallChain& chain, bool six) {
  const bool family = chain.family == "inet" || chain.family == (six ? "ip6" : "ip");
  return family && (chain.hook == "input" || chain.hook == "prerouting");
}

struct Opened {
  PortSet surely;
  PortSet maybe;
  std::string problem;
};

// A packet gets in when every chain lets it in.
Opened JudgeProtocol(const Firewall& firewall, bool six, const char* protocol, size_t& steps) {
  Opened opened{PortSet::All(), PortSet::All(), ""};
  PortSet translated;
  for (const FirewallChain& chain : firewall.chains) {
    if (!Filters(chain, six)) continue;
    Walk walk(firewall, chain, six, protocol, steps);
    walk.Run();
    opened.surely = opened.surely.Intersect(walk.open());
    opened.maybe = opened.maybe.Intersect(walk.maybe());
    translated = translated.Union(walk.translated());
    if (!walk.problem().empty()) opened.problem = walk.problem();
  }
  // What is sent on to another port or host need not pass what filters its own.
  opened.maybe = opened.maybe.Union(translated);
  return opened;
}

}  // namespace

std::string_view FirewallVerdictName(FirewallVerdict verdict) {
  switch (verdict) {
    case FirewallVerdict::kNone:
      return "continue";
    case FirewallVerdict::kAccept:
      return "accept";
    case FirewallVerdict::kDrop:
      return "drop";
    case FirewallVerdict::kJump:
      return "jump";
    case FirewallVerdict::kGoto:
      return "goto";
    case FirewallVerdict::kReturn:
      return "return";
    case FirewallVerdict::kTranslate:
      return "translate";
    case FirewallVerdict::kOther:
      return "other";
  }
  return "?";
}

FirewallState JudgeFirewall(const Firewall& firewall, bool six) {
  FirewallState state;
  for (const FirewallChain& chain : firewall.chains) {
    state.input_hook = state.input_hook || (Filters(chain, six) && chain.hook == "input");
  }
  size_t steps = 0;
  const Opened tcp = JudgeProtocol(firewall, six, "tcp", steps);
  const Opened udp = JudgeProtocol(firewall, six, "udp", steps);
  state.open_tcp = tcp.surely;
  state.maybe_tcp = tcp.maybe;
  state.open_udp = udp.surely;
  state.maybe_udp = udp.maybe;
  state.problem = tcp.problem.empty() ? udp.problem : tcp.problem;
  if (!firewall.unclear.empty()) state.problem = firewall.unclear.front();
  if (!state.problem.empty()) {
    state.open_tcp = state.open_udp = PortSet();
    state.maybe_tcp = state.maybe_udp = PortSet::All();
    return state;
  }
  const bool closed = state.maybe_tcp.size() <= kHalf && state.maybe_udp.size() <= kHalf;
  const bool open = state.open_tcp.size() > kHalf || state.open_udp.size() > kHalf;
  if (closed || open) state.default_deny = closed;
  return state;
}

}  // namespace tom
