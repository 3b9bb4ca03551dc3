#include "evidence/rollup.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "evidence/rollup_parts.h"

namespace tom {
namespace {

using rollup::FindingsOfMeasure;
using rollup::RulesInForce;
using rollup::UnitsOfMeasure;

__extension__ using Wide = unsigned __int128;

constexpr int64_t kMillion = 1000000;

// The mean over units, rounded down. Units of one demanded length are added before they are
// divided, so that with equal lengths nothing is rounded twice and a threshold met exactly is met.
int64_t MeanPpm(const std::vector<UnitCoverage>& units) {
  std::map<int64_t, int64_t> covered_by_length;
  for (const UnitCoverage& unit : units) {
    covered_by_length[unit.demanded_seconds] += unit.covered_seconds;
  }
  Wide sum = 0;
  for (const auto& [length, covered] : covered_by_length) {
    sum += static_cast<Wide>(covered) * kMillion * kMillion / static_cast<Wide>(length);
  }
  if (units.empty()) return 0;
  return static_cast<int64_t>(sum / units.size() / kMillion);
}

// The strictest of all profiles that were in force.
Thresholds StrictestOf(const RulesInForce& rules) {
  Thresholds strictest;
  bool first = true;
  for (const rollup::Rules& in_force : rules.rules) {
    const Thresholds& own = in_force.profile->thresholds;
    if (first) strictest = own;
    first = false;
    strictest.coverage_satisfied_ppm =
        std::max(strictest.coverage_satisfied_ppm, own.coverage_satisfied_ppm);
    strictest.coverage_assessed_ppm =
        std::max(strictest.coverage_assessed_ppm, own.coverage_assessed_ppm);
  }
  return strictest;
}

bool ClosedInTime(const Finding& finding) {
  return finding.closed_at != kForever && finding.closed_at <= finding.due_at;
}

class MeasureJudge {
 public:
  MeasureJudge(const RollupInput& input, const RulesInForce& rules)
      : input_(input), rules_(rules), thresholds_(StrictestOf(rules)) {}

  MeasureResult Judge(const std::string& id, UnitsOfMeasure units, FindingsOfMeasure found) const {
    MeasureResult result;
    result.measure = id;
    const Profile* profile = rollup::ProfileAt(input_, input_.period.to - 1);
    if (profile != nullptr) result.clauses = rollup::ClausesOf(*profile, id);
    result.units = std::move(units.units);
    std::stable_sort(result.units.begin(), result.units.end(), [](const auto& a, const auto& b) {
      return std::tie(a.system, a.check, a.params) < std::tie(b.system, b.check, b.params);
    });
    result.findings = std::move(found.findings);
    SortFindings(result.findings);
    result.coverage_ppm = MeanPpm(result.units);
    result.passing = units.passing;
    result.failing = found.failing;
    result.unknown = found.unknown;
    result.status = StatusOf(result);
    result.reasons = ReasonsOf(result);
    return result;
  }

 private:
  // Branches of a fork share what came before it: one finding each, however many lines tell it.
  static void SortFindings(std::vector<Finding>& findings) {
    std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    const auto same = [](const Finding& a, const Finding& b) { return a.id == b.id; };
    findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
  }

  MeasureStatus StatusOf(const MeasureResult& result) const {
    const auto& findings = result.findings;
    if (!std::all_of(findings.begin(), findings.end(), ClosedInTime)) {
      return MeasureStatus::kNotSatisfied;
    }
    if (rules_.inventory.Empty() || result.units.empty() || result.passing == 0 ||
        result.coverage_ppm < thresholds_.coverage_assessed_ppm) {
      return MeasureStatus::kNotAssessed;
    }
    return findings.empty() && result.coverage_ppm >= thresholds_.coverage_satisfied_ppm
               ? MeasureStatus::kSatisfied
               : MeasureStatus::kSatisfiedWithExceptions;
  }

  std::vector<std::string> ReasonsOf(const MeasureResult& result) const {
    std::vector<std::string> reasons;
    const auto count = [&](int64_t number, const std::string& what) {
      if (number > 0) reasons.push_back(std::to_string(number) + " " + what);
    };
    const auto late = std::count_if(result.findings.begin(), result.findings.end(),
                                    [](const Finding& f) { return !ClosedInTime(f); });
    count(late, "findings not closed within their time to remedy");
    count(static_cast<int64_t>(result.findings.size()) - late,
          "findings closed within their time to remedy");
    if (rules_.inventory.Empty()) reasons.push_back("no inventory is in force");
    if (!input_.outside_anchor) reasons.push_back("the ledger has no outside anchor");
    if (result.units.empty()) {
      reasons.push_back(HasCheck(result.measure) ? "no system that its checks run on"
                                                 : "no check of the catalogue measures it");
    } else if (result.passing == 0) {
      reasons.push_back("no pass in the period");
    }
    CountGaps(result, count);
    const std::string trial = OnTrial(result.measure);
    if (!trial.empty()) reasons.push_back("on trial, counting for nothing: " + trial);
    return reasons;
  }

  template <typename Count>
  void CountGaps(const MeasureResult& result, const Count& count) const {
    int64_t never = 0;
    int64_t partly = 0;
    for (const UnitCoverage& unit : result.units) {
      if (unit.covered_seconds == 0) {
        ++never;
      } else if (unit.covered_seconds < unit.demanded_seconds) {
        ++partly;
      }
    }
    const std::string all = " of " + std::to_string(result.units.size()) + " units ";
    count(never, all.substr(1) + "never covered");
    count(partly, all.substr(1) + "not covered all the time");
  }

  // Its checks that were observed at some time of the period, by id.
  std::string OnTrial(const std::string& measure) const {
    std::set<std::string> ids;
    for (const auto& in_force : rules_.rules) {
      for (const auto& [id, check] : in_force.observed) {
        if (check->measure == measure) ids.insert(id);
      }
    }
    return absl::StrJoin(ids, ", ");
  }

  bool HasCheck(const std::string& measure) const {
    if (measure == kScopeMeasure) return true;
    return std::any_of(rules_.rules.begin(), rules_.rules.end(), [&](const auto& in_force) {
      return std::any_of(in_force.checks.begin(), in_force.checks.end(),
                         [&](const auto& demanded) { return demanded.check->measure == measure; });
    });
  }

  const RollupInput& input_;
  const RulesInForce& rules_;
  Thresholds thresholds_;
};

}  // namespace

std::string_view MeasureStatusName(MeasureStatus status) {
  switch (status) {
    case MeasureStatus::kSatisfied:
      return "satisfied";
    case MeasureStatus::kSatisfiedWithExceptions:
      return "satisfied_with_exceptions";
    case MeasureStatus::kNotSatisfied:
      return "not_satisfied";
    case MeasureStatus::kNotAssessed:
      break;
  }
  return "not_assessed";
}

struct RollupBuilder::Parts {
  explicit Parts(const RollupInput& rules_input)
      : input(rules_input),
        rules(rollup::FindRules(rules_input)),
        units(rules),
        failures(rules_input, rules) {}

  const RollupInput& input;
  const RulesInForce rules;
  rollup::UnitCollector units;
  rollup::FailureCollector failures;
  std::vector<rollup::HostInScope> hosts;
};

RollupBuilder::RollupBuilder(const RollupInput& rules) : parts_(std::make_unique<Parts>(rules)) {}
RollupBuilder::~RollupBuilder() = default;

void RollupBuilder::Add(const HostEvidence& host) {
  parts_->hosts.push_back(rollup::ScopeOf(host, parts_->input.controller));
  const rollup::CheckRows rows = rollup::RowsByCheck(host, parts_->input.controller);
  parts_->units.Add(host, rows);
  parts_->failures.Add(host, rows);
}

Rollup RollupBuilder::Finish() {
  const RollupInput& input = parts_->input;
  const RulesInForce& rules = parts_->rules;
  Rollup result;
  result.period = input.period;
  result.hosts = static_cast<int64_t>(parts_->hosts.size());
  if (input.period.to <= input.period.from) return result;
  rollup::UnitsByMeasure units = parts_->units.Finish();
  rollup::FindingsByMeasure findings = parts_->failures.Finish();
  const std::string scope(kScopeMeasure);
  if (rules.measures.contains(scope)) {
    rollup::AssessScope(input, rules, parts_->hosts, units[scope], findings[scope]);
  }
  const MeasureJudge judge(input, rules);
  for (const std::string& measure : rules.measures) {
    result.measures.push_back(
        judge.Judge(measure, std::move(units[measure]), std::move(findings[measure])));
  }
  return result;
}

Rollup RollUp(const RollupInput& input) {
  std::vector<const HostEvidence*> hosts;
  hosts.reserve(input.hosts.size());
  for (const HostEvidence& host : input.hosts) hosts.push_back(&host);
  std::stable_sort(hosts.begin(), hosts.end(),
                   [](const auto* a, const auto* b) { return a->system < b->system; });
  RollupBuilder builder(input);
  for (const HostEvidence* host : hosts) builder.Add(*host);
  return builder.Finish();
}

}  // namespace tom
