#include "agent/plan.h"

#include <algorithm>
#include <map>

#include "evidence/status_text.h"

namespace tom {
namespace {

using Key = std::pair<std::string, Digest>;  // check, params

std::string Shown(const Json& value) {
  if (value.IsString()) return value.AsString();
  return EncodeCanonical(value).value_or("[]");
}

// The host's value in place of `value` where it is at least as strict.
absl::Status Tighten(const std::string& where, const Parameter& parameter, const Json& raw,
                     Json& value, bool& used) {
  const auto typed = TypedValue(parameter, raw);
  if (!typed.ok()) return Annotate(typed.status(), where);
  used = !Loosens(parameter, value, *typed);
  if (used) value = *typed;
  return absl::OkStatus();
}

class Planner {
 public:
  Planner(const Catalogue& catalogue, const AgentConfig& config, const PlanFilter& filter)
      : catalogue_(catalogue), config_(config), filter_(filter) {}

  absl::StatusOr<Plan> Make() {
    TOM_RETURN_IF_ERROR(CheckFilter());
    TOM_RETURN_IF_ERROR(CheckHostParameters());
    for (const auto& [id, check] : catalogue_.checks) {
      if (!Wanted(check)) continue;
      TOM_RETURN_IF_ERROR(Add(check));
    }
    for (auto& [key, job] : jobs_) plan_.jobs.push_back(std::move(job));
    return std::move(plan_);
  }

 private:
  absl::Status CheckFilter() const {
    for (const std::string& id : filter_.profiles) {
      if (catalogue_.profiles.count(id) == 0)
        return absl::NotFoundError(ToAbsl("no profile " + id));
    }
    if (!filter_.measure.empty() && catalogue_.measures.count(filter_.measure) == 0) {
      return absl::NotFoundError(ToAbsl("no measure " + filter_.measure));
    }
    if (!filter_.check.empty() && catalogue_.checks.count(filter_.check) == 0) {
      return absl::NotFoundError(ToAbsl("no check " + filter_.check));
    }
    return absl::OkStatus();
  }

  absl::Status CheckHostParameters() const {
    for (const auto& [measure, values] : config_.parameters) {
      for (const auto& [name, value] : values) {
        bool known = false;
        for (const auto& [id, check] : catalogue_.checks) {
          known = known || (check.measure == measure && check.parameters.count(name) != 0);
        }
        if (known) continue;
        return BadData(config_.Where("parameters." + measure + "." + name) +
                       ": no check has this parameter");
      }
    }
    return absl::OkStatus();
  }

  bool Wanted(const Check& check) const {
    return check.runs_on == filter_.runs_on &&
           (filter_.measure.empty() || check.measure == filter_.measure) &&
           (filter_.check.empty() || check.id == filter_.check);
  }

  absl::Status Add(const Check& check) {
    const bool site = check.id.substr(0, 5) == "site/";
    if (filter_.profiles.empty() || site) return AddUnder(check, nullptr);
    for (const std::string& id : filter_.profiles) {
      const Profile& profile = catalogue_.profiles.at(id);
      if (ClausesOf(profile, check.measure).empty()) continue;
      TOM_RETURN_IF_ERROR(AddUnder(check, &profile));
    }
    return absl::OkStatus();
  }

  absl::Status AddUnder(const Check& check, const Profile* profile) {
    CheckJob job;
    job.check = check;
    if (profile != nullptr) {
      job.values = ProfileValues(check, *profile);
    } else {
      for (const auto& [name, parameter] : check.parameters) job.values[name] = parameter.value;
    }
    for (auto& [name, value] : job.values) {
      job.sources[name] = "profile";
      TOM_RETURN_IF_ERROR(ApplyHost(check, name, value, job.sources[name]));
    }
    const Key key{check.id, ParamsDigest(job.values)};
    CheckJob& kept = jobs_.try_emplace(key, std::move(job)).first->second;
    if (profile != nullptr) {
      kept.profiles.push_back(profile->id);
      std::sort(kept.profiles.begin(), kept.profiles.end());
    }
    return absl::OkStatus();
  }

  absl::Status ApplyHost(const Check& check, const std::string& name, Json& value,
                         std::string& source) {
    const auto measure = config_.parameters.find(check.measure);
    if (measure == config_.parameters.end()) return absl::OkStatus();
    const auto found = measure->second.find(name);
    if (found == measure->second.end()) return absl::OkStatus();
    const std::string where = config_.Where("parameters." + check.measure + "." + name);
    bool used = false;
    TOM_RETURN_IF_ERROR(Tighten(where, check.parameters.at(name), found->second, value, used));
    if (used) {
      source = "host";
    } else {
      plan_.overrides.push_back({.check = check.id,
                                 .parameter = name,
                                 .host_value = Shown(found->second),
                                 .profile_value = Shown(value)});
    }
    return absl::OkStatus();
  }

  const Catalogue& catalogue_;
  const AgentConfig& config_;
  const PlanFilter& filter_;
  std::map<Key, CheckJob> jobs_;
  Plan plan_;
};

}  // namespace

std::vector<std::string> ClausesOf(const Profile& profile, const std::string& measure) {
  std::vector<std::string> clauses;
  for (const Clause& clause : profile.clauses) {
    if (clause.measures.count(measure) != 0) clauses.push_back(clause.clause);
  }
  return clauses;
}

absl::StatusOr<Plan> MakePlan(const Catalogue& catalogue, const AgentConfig& config,
                              const PlanFilter& filter) {
  return Planner(catalogue, config, filter).Make();
}

}  // namespace tom
