#include <algorithm>

#include "evidence/rollup_parts.h"

namespace tom {

Digest ParamsKey(std::string_view check, const Digest& params) {
  return Sha256(std::string(check) + '\0' + params.Hex());
}

namespace rollup {
namespace {

struct HostRows {
  const HostEvidence& host;
  const CheckRows& rows;
};

// Where the host is present, anchored, has at least one row in scope, and none of those is unknown.
void AddAnswer(const HostRows& from, const DemandedCheck& demanded, const Rules& rules,
               const TimeSet& demand, Answer& answer) {
  const auto found = from.rows.find(demanded.check->id);
  if (found == from.rows.end()) return;
  const TimeSet enrolled(TimeSpan{from.host.enrolled_at, from.host.retired_at});
  const TimeSet wanted = demand.Intersect(enrolled);
  if (wanted.Empty()) return;
  TimeSet rows;
  TimeSet unknown;
  std::map<Digest, bool> answers;
  for (const VerdictInterval* row : found->second) {
    if (row->check_digest != demanded.check->digest) continue;
    auto [known, fresh] = answers.try_emplace(row->key.params, false);
    if (fresh) known->second = Answers(from.host, demanded, *rules.profile, row->key.params);
    if (!known->second) continue;
    const TimeSpan span{row->from, row->to};  // in order of from, which Add is quick with
    rows.Add(span);
    if (row->verdict == Verdict::kUnknown) unknown.Add(span);
    if (row->verdict == Verdict::kPass && !TimeSet(span).Intersect(wanted).Empty()) {
      answer.passing.insert(row->key);
    }
  }
  const TimeSet present = SpansOf(from.host.presence, demanded.check->interval);
  answer.covered =
      answer.covered.Union(rows.Subtract(unknown).Intersect(present).Intersect(wanted));
}

struct Unit {
  TimeSet demanded;
  TimeSet covered;
  std::set<RowKey> passing;
};
// By check and params. It is one unit, however many catalogues and profiles demand it in turn: else
// many short-lived ones would outweigh a long gap.
using UnitsOfSystem = std::map<std::pair<std::string, Digest>, Unit>;

// What one check adds to its unit while one profile and catalogue are in force.
void CoverUnit(const Rules& rules, const SystemDemand& system, const Answer& answer, Unit& unit) {
  TimeSet demand = system.in_service.Intersect(rules.times);
  const TimeSet late = system.late.Intersect(rules.times);
  demand = demand.Union(late.Subtract(answer.covered));
  unit.covered = unit.covered.Union(answer.covered.Intersect(demand));
  unit.demanded = unit.demanded.Union(demand);
  unit.passing.insert(answer.passing.begin(), answer.passing.end());
}

// `without`: promised, but by rules that nobody has put on record.
void AddUnits(const std::string& system, const UnitsOfSystem& units, const TimeSet& without,
              UnitsOfMeasure& measure) {
  for (const auto& [key, unit] : units) {
    measure.passing += static_cast<int64_t>(unit.passing.size());
    if (unit.demanded.Empty()) continue;
    UnitCoverage coverage;
    coverage.system = system;
    coverage.check = key.first;
    coverage.params = key.second;
    coverage.demanded_seconds = unit.demanded.Union(without).Seconds();
    coverage.covered_seconds = unit.covered.Subtract(without).Seconds();
    measure.units.push_back(std::move(coverage));
  }
}

}  // namespace

TimeSet SpansOf(const std::vector<PresenceInterval>& presence, const std::string& interval) {
  TimeSet spans;
  for (const PresenceInterval& look : presence) {
    if (look.anchored && look.interval == interval) spans.Add({look.from, look.to});
  }
  return spans;
}

CheckRows RowsByCheck(const HostEvidence& host, const std::optional<std::string>& controller) {
  CheckRows rows;
  for (const VerdictInterval& row : host.verdicts) {
    if (InScope(row.scope, controller)) rows[row.key.check].push_back(&row);
  }
  for (auto& [check, of_check] : rows) {
    std::stable_sort(of_check.begin(), of_check.end(),
                     [](const auto* a, const auto* b) { return a->from < b->from; });
  }
  return rows;
}

bool Answers(const HostEvidence& host, const DemandedCheck& check, const Profile& profile,
             const Digest& params) {
  const auto piece = host.params.find(ParamsKey(check.check->id, params));
  if (piece == host.params.end()) return false;
  const std::vector<std::string>& profiles = piece->second.profiles;
  if (!std::binary_search(profiles.begin(), profiles.end(), profile.id)) return false;
  if (params == check.params) return true;
  for (const auto& [name, promised] : check.values) {
    const auto value = piece->second.values.find(name);
    const Json used = value == piece->second.values.end() ? Json(Json::Array{}) : value->second;
    const auto parameter = check.check->parameters.find(name);
    if (parameter == check.check->parameters.end()) return false;
    if (used != promised && Loosens(parameter->second, promised, used)) return false;
  }
  return true;
}

void UnitCollector::Add(const HostEvidence& host, const CheckRows& rows) {
  if (system_ != host.system) {
    EndSystem();
    system_ = host.system;
  }
  const auto system = rules_.systems.find(host.system);
  if (system == rules_.systems.end() || host.kind != system->second.kind) return;
  const SystemDemand& demand = system->second;
  size_t at = 0;
  for (const Rules& in_force : rules_.rules) {
    const TimeSet wanted = demand.in_service.Union(demand.late).Intersect(in_force.times);
    for (const DemandedCheck& demanded : in_force.checks) {
      if (answers_.size() <= at) answers_.resize(at + 1);
      Answer& answer = answers_[at++];
      if (demanded.check->runs_on != demand.kind || demanded.observed) continue;
      AddAnswer({host, rows}, demanded, in_force, wanted, answer);
    }
  }
}

void UnitCollector::EndSystem() {
  if (!system_) return;
  const auto system = rules_.systems.find(*system_);
  if (system != rules_.systems.end() && done_.insert(*system_).second) {
    CoverSystem(*system_, system->second, answers_);
  }
  answers_.clear();
}

void UnitCollector::CoverSystem(const std::string& id, const SystemDemand& system,
                                const std::vector<Answer>& answers) {
  static const Answer& nothing = *new Answer();
  std::map<std::string, UnitsOfSystem> units;
  size_t at = 0;
  for (const Rules& in_force : rules_.rules) {
    for (const DemandedCheck& demanded : in_force.checks) {
      const Answer& answer = at < answers.size() ? answers[at] : nothing;
      ++at;
      if (demanded.check->runs_on != system.kind) continue;
      CoverUnit(in_force, system, answer,
                units[demanded.check->measure][{demanded.check->id, demanded.params}]);
    }
  }
  for (const auto& [measure, of_measure] : units) {
    AddUnits(id, of_measure, rules_.without, measures_[measure]);
  }
}

UnitsByMeasure UnitCollector::Finish() {
  EndSystem();
  system_.reset();
  for (const auto& [id, system] : rules_.systems) {
    if (!done_.contains(id)) CoverSystem(id, system, {});
  }
  return std::move(measures_);
}

}  // namespace rollup
}  // namespace tom
