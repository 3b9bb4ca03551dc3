#include <algorithm>

#include "evidence/rollup_parts.h"

namespace tom::rollup {
namespace {

const Digest& NoParams() {
  static const Digest digest = ParamsDigest({});
  return digest;
}

TimeSet PromisedTimes(const RulesInForce& rules) {
  TimeSet promised;
  for (const Rules& in_force : rules.rules) promised = promised.Union(in_force.times);
  return promised;
}

// When each system stood in the inventory in force, whoever its controllers are.
std::map<std::string, TimeSet> ListedTimes(const RollupInput& input) {
  std::map<std::string, TimeSet> listed;
  for (size_t i = 0; i < input.inventories.size(); ++i) {
    const UnixSeconds until =
        i + 1 < input.inventories.size() ? input.inventories[i + 1].acts_at : kForever;
    for (const InventorySystem& system : input.inventories[i].value.systems) {
      listed[system.id].Add({input.inventories[i].acts_at, until});
    }
  }
  return listed;
}

TimeSet Concerned(const HostEvidence& host, const std::optional<std::string>& controller) {
  if (!controller || host.controllers.empty()) {
    return TimeSet(TimeSpan{host.enrolled_at, kForever});
  }
  TimeSet times;
  for (size_t i = 0; i < host.controllers.size(); ++i) {
    const UnixSeconds to =
        i + 1 < host.controllers.size() ? host.controllers[i + 1].acts_at : kForever;
    const std::vector<std::string>& scope = host.controllers[i].value;
    if (scope.empty() || InScope(scope, controller)) {
      times.Add({host.controllers[i].acts_at, to});
    }
  }
  for (const VerdictInterval& row : host.verdicts) {
    if (InScope(row.scope, controller)) times.Add({row.from, row.to});
  }
  return times;
}

class ScopeRules {
 public:
  ScopeRules(const RollupInput& input, const RulesInForce& rules,
             const std::vector<HostInScope>& hosts, UnitsOfMeasure& units,
             FindingsOfMeasure& findings)
      : input_(input), rules_(rules), hosts_(hosts), units_(units), findings_(findings) {
    promised_ = PromisedTimes(rules);
    for (const HostInScope& host : hosts) enrolled_[{host.system, host.kind}].Add(host.enrolled);
  }

  void NotEnrolled() {
    for (const auto& [id, system] : rules_.systems) {
      const TimeSet& enrolled = enrolled_[{id, system.kind}];
      const TimeSet listed = system.in_service.Intersect(promised_);
      const TimeSet missing = listed.Union(system.late.Intersect(promised_)).Subtract(enrolled);
      TimeSet demanded = listed.Union(missing);
      if (demanded.Empty()) continue;
      const TimeSet covered = listed.Intersect(rules_.fresh);
      demanded = demanded.Union(rules_.without);
      units_.units.push_back(
          {id, std::string(kNotEnrolled), NoParams(), demanded.Seconds(), covered.Seconds()});
      if (!covered.Intersect(enrolled).Empty()) ++units_.passing;
      const TimeSet whole =
          TimeSet({std::min(system.service_from, input_.period.from), kForever}).Subtract(enrolled);
      for (const TimeSpan& span : missing.spans()) {
        AddFinding(kNotEnrolled, "", id, StartIn(whole, span, system.service_from), span.to);
      }
    }
  }

  void NotInInventory() {
    const std::map<std::string, TimeSet> listed = ListedTimes(input_);
    for (const HostInScope& host : hosts_) {
      TimeSet strange(host.enrolled);
      strange = strange.Intersect(promised_).Intersect(rules_.inventory);
      strange = strange.Intersect(host.concerned);
      if (const auto times = listed.find(host.system); times != listed.end()) {
        strange = strange.Subtract(times->second);
      }
      for (const TimeSpan& span : strange.spans()) {
        AddFinding(kNotInInventory, host.host, host.system, span.from, span.to);
      }
    }
  }

  void CountUnknown() {
    const UnixSeconds end = input_.period.to - 1;
    if (promised_.Contains(end) && !rules_.fresh.Contains(end)) ++findings_.unknown;
  }

 private:
  // A gap that reaches back before the period began where its system's service did.
  UnixSeconds StartIn(const TimeSet& whole, const TimeSpan& span, UnixSeconds service_from) const {
    if (span.from != input_.period.from) return span.from;
    for (const TimeSpan& gap : whole.spans()) {
      if (gap.from <= span.from && span.from < gap.to) {
        return std::max(gap.from, std::min(service_from, span.from));
      }
    }
    return span.from;
  }

  void AddFinding(std::string_view check, const std::string& host, const std::string& system,
                  UnixSeconds from, UnixSeconds to) {
    Finding finding;
    finding.host = host;
    finding.system = system;
    finding.key = {std::string(check), NoParams(), Sha256(system).Hex().substr(0, 32)};
    finding.measure = std::string(kScopeMeasure);
    finding.severity = "high";
    finding.opened_at = from;
    finding.closed_at = to >= input_.period.to ? kForever : to;
    if (finding.closed_at == kForever) ++findings_.failing;
    CompleteFinding(input_, finding);
    findings_.findings.push_back(std::move(finding));
  }

  const RollupInput& input_;
  const RulesInForce& rules_;
  const std::vector<HostInScope>& hosts_;
  UnitsOfMeasure& units_;
  FindingsOfMeasure& findings_;
  TimeSet promised_;
  std::map<std::pair<std::string, std::string>, TimeSet> enrolled_;  // (system, kind)
};

}  // namespace

HostInScope ScopeOf(const HostEvidence& host, const std::optional<std::string>& controller) {
  return {host.host,
          host.system,
          host.kind,
          {host.enrolled_at, host.retired_at},
          Concerned(host, controller)};
}

void AssessScope(const RollupInput& input, const RulesInForce& rules,
                 const std::vector<HostInScope>& hosts, UnitsOfMeasure& units,
                 FindingsOfMeasure& findings) {
  ScopeRules scope(input, rules, hosts, units, findings);
  scope.NotEnrolled();
  scope.NotInInventory();
  scope.CountUnknown();
}

}  // namespace tom::rollup
