// Which checks run with which values: catalogue + profiles + the host's own values -> jobs. Pure.
#ifndef TOM_AGENT_PLAN_H_
#define TOM_AGENT_PLAN_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/config.h"
#include "checks/engine/check_runner.h"
#include "evidence/catalogue.h"

namespace tom {

struct PlanFilter {
  std::string runs_on = "host";
  std::vector<std::string> profiles;  // ids; empty = no profile: every check with its own values
  std::string measure;                // empty = all
  std::string check;                  // empty = all
};

struct Plan {
  std::vector<CheckJob> jobs;            // ordered by check, then values; each (check, values) once
  std::vector<LocalOverride> overrides;  // values of the host that were looser and are not used
};

// A profile demands the checks of every measure that one of its clauses names. The host's
// `parameters` tighten; where one is looser the profile's value stands and an override is recorded.
// Site checks (`site/…`) run without a profile's demand. NotFound: a profile, measure or check of
// the filter is not in the catalogue. InvalidArgument: a value of the host is not of its
// parameter's type, or names a measure or parameter that no check has.
absl::StatusOr<Plan> MakePlan(const Catalogue& catalogue, const AgentConfig& config,
                              const PlanFilter& filter);

// Clauses of `profile` that name the measure, in the document's order.
std::vector<std::string> ClausesOf(const Profile& profile, const std::string& measure);

}  // namespace tom

#endif  // TOM_AGENT_PLAN_H_
