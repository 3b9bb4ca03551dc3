#include <algorithm>

#include "evidence/rollup_parts.h"

namespace tom::rollup {
namespace {

// What is in force of one kind at `time`: the last that acts by then.
template <typename T>
const T* At(const std::vector<InForce<T>>& rules, UnixSeconds time) {
  const T* found = nullptr;
  for (const InForce<T>& rule : rules) {
    if (rule.acts_at > time) break;
    found = &rule.value;
  }
  return found;
}

bool Effective(const Profile& profile, UnixSeconds time) {
  return time >= profile.effective_from &&
         (profile.effective_to == 0 || time < profile.effective_to);
}

std::vector<UnixSeconds> CutsOf(const RollupInput& input) {
  std::set<UnixSeconds> cuts = {input.period.from, input.period.to};
  const auto cut = [&](UnixSeconds time) {
    if (time > input.period.from && time < input.period.to) cuts.insert(time);
  };
  for (const auto& rule : input.catalogues) {
    cut(rule.acts_at);
    for (const auto& [check, from] : rule.value.observed) {
      if (from) cut(*from);
    }
  }
  for (const auto& rule : input.inventories) cut(rule.acts_at);
  for (const auto& rule : input.profiles) {
    cut(rule.acts_at);
    cut(rule.value.effective_from);
    if (rule.value.effective_to != 0) cut(rule.value.effective_to);
  }
  return {cuts.begin(), cuts.end()};
}

// Whether a catalogue before `catalogue` let the check count.
bool CountedBefore(const RollupInput& input, const Catalogue& catalogue, const std::string& check) {
  for (size_t i = 0; i < input.catalogues.size() && &input.catalogues[i].value != &catalogue; ++i) {
    const Catalogue& earlier = input.catalogues[i].value;
    if (!earlier.checks.contains(check) || i + 1 == input.catalogues.size()) continue;
    if (!IsObserved(earlier, check, input.catalogues[i + 1].acts_at - 1)) return true;
  }
  return false;
}

// A check on trial is not demanded if it is new; one that counted before stays demanded, lest a
// trial take a system out of the count.
void AddChecks(const RollupInput& input, UnixSeconds time, Rules& rules) {
  std::set<std::string> measures;
  for (const Clause& clause : rules.profile->clauses) {
    for (const auto& [measure, values] : clause.measures) measures.insert(measure);
  }
  for (const auto& [id, check] : rules.catalogue->checks) {
    if (!measures.contains(check.measure)) continue;
    const bool observed = IsObserved(*rules.catalogue, id, time);
    if (observed) rules.observed.emplace(id, &check);
    if (observed && !CountedBefore(input, *rules.catalogue, id)) continue;
    DemandedCheck demanded{&check, ProfileValues(check, *rules.profile), Digest(), observed};
    demanded.params = ParamsDigest(demanded.values);
    rules.checks.push_back(std::move(demanded));
  }
}

int64_t InventoryMaxAge(const Profile& profile) {
  int64_t age = kInventoryMaxAgeSeconds;
  for (const Clause& clause : profile.clauses) {
    const auto values = clause.measures.find(std::string(kScopeMeasure));
    if (values == clause.measures.end()) continue;
    const auto max_age = values->second.find("max_age");
    if (max_age == values->second.end() || !max_age->second.IsString()) continue;
    age = std::min(age, ParseDurationSeconds(max_age->second.AsString()).value_or(age));
  }
  return age;
}

void AddPiece(const RollupInput& input, TimeSpan span, RulesInForce& result) {
  const Profile* profile = At(input.profiles, span.from);
  const Catalogue* catalogue = At(input.catalogues, span.from);
  const Inventory* inventory = At(input.inventories, span.from);
  if (inventory != nullptr) result.inventory.Add(span);
  if (profile == nullptr) {
    // Promised already, though nobody has put the rules on record yet.
    const bool promised =
        !input.profiles.empty() && Effective(input.profiles.front().value, span.from);
    if (promised) result.without.Add(span);
    return;
  }
  if (!Effective(*profile, span.from)) return;
  for (const Clause& clause : profile->clauses) {
    for (const auto& [measure, values] : clause.measures) result.measures.insert(measure);
  }
  if (inventory != nullptr) {
    result.fresh.Add(
        {span.from, std::min(span.to, inventory->drawn_at + InventoryMaxAge(*profile))});
  }
  if (catalogue == nullptr || inventory == nullptr) result.without.Add(span);
  if (catalogue == nullptr) return;
  Rules rules{profile, catalogue, TimeSet(span), {}, {}};
  AddChecks(input, span.from, rules);
  for (Rules& known : result.rules) {
    if (known.profile != profile || known.catalogue != catalogue) continue;
    if (known.observed != rules.observed) continue;
    known.times.Add(span);
    return;
  }
  result.rules.push_back(std::move(rules));
}

TimeSpan ServiceOf(const InventorySystem& system) {
  return {system.in_service_from, system.in_service_to.value_or(kForever)};
}

// What a later inventory says of the time before it worsens only (design.md rule 5: such may act
// from an earlier stated date), so that enrolling and listing late leaves a gap.
void AddSystems(const RollupInput& input, RulesInForce& result) {
  for (size_t i = 0; i < input.inventories.size(); ++i) {
    const InForce<Inventory>& rule = input.inventories[i];
    const UnixSeconds until =
        i + 1 < input.inventories.size() ? input.inventories[i + 1].acts_at : kForever;
    const TimeSet acting(
        TimeSpan{std::max(rule.acts_at, input.period.from), std::min(until, input.period.to)});
    if (rule.acts_at >= input.period.to) continue;
    for (const InventorySystem& system : rule.value.systems) {
      if (!InScope(system.controllers, input.controller)) continue;
      SystemDemand& demand = result.systems[system.id];
      demand.kind = system.kind;
      demand.service_from = std::min(demand.service_from, system.in_service_from);
      demand.controllers = system.controllers;
      const TimeSet service(ServiceOf(system));
      demand.in_service = demand.in_service.Union(service.Intersect(acting));
      const TimeSet before(TimeSpan{input.period.from, std::min(rule.acts_at, input.period.to)});
      demand.late = demand.late.Union(service.Intersect(before));
    }
  }
  for (auto& [id, demand] : result.systems) demand.late = demand.late.Subtract(demand.in_service);
}

}  // namespace

RulesInForce FindRules(const RollupInput& input) {
  RulesInForce result;
  const std::vector<UnixSeconds> cuts = CutsOf(input);
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    AddPiece(input, {cuts[i], cuts[i + 1]}, result);
  }
  AddSystems(input, result);
  return result;
}

const Profile* ProfileAt(const RollupInput& input, UnixSeconds time) {
  return At(input.profiles, time);
}

std::vector<std::string> ClausesOf(const Profile& profile, const std::string& measure) {
  std::vector<std::string> clauses;
  for (const Clause& clause : profile.clauses) {
    if (clause.measures.contains(measure)) clauses.push_back(clause.clause);
  }
  return clauses;
}

bool InScope(const std::vector<std::string>& scope, const std::optional<std::string>& controller) {
  if (!controller) return true;
  return std::any_of(scope.begin(), scope.end(),
                     [&](const std::string& id) { return id == *controller || id == "shared"; });
}

}  // namespace tom::rollup
