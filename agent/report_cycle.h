// One cycle of the evaluating side: plan from the delivered catalogue and the configuration, run
// the checks in a child, give the look. It holds neither the identity key nor the spool.
#ifndef TOM_AGENT_REPORT_CYCLE_H_
#define TOM_AGENT_REPORT_CYCLE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/catalogue_store.h"
#include "agent/config.h"
#include "agent/cycle.h"
#include "agent/evaluate.h"
#include "agent/state.h"

namespace tom {

struct CyclePlan {
  Cycle cycle;                       // without its look
  std::vector<CheckJob> jobs;        // of the groups asked for
  EvaluateRequest request;           // without jobs
  std::set<std::string> groups;      // asked for and known
  std::vector<std::string> notices;  // for a person
  std::string memory_file;           // what evaluations leave for each other; empty = nothing
};

// `groups` empty: every group. FailedPrecondition: the catalogue has expired, or it asks nothing of
// this host. Personal columns are always pseudonyms here: the key is privacy.key_file's, or one
// made in the state folder where none is configured.
absl::StatusOr<CyclePlan> PlanCycle(const StateDir& state, const AgentConfig& config,
                                    const HeldCatalogue& catalogue,
                                    const std::set<std::string>& groups, UnixSeconds now);

// Runs the plan's jobs: never fails for a check, only where no child can be started at all.
absl::StatusOr<Cycle> RunCycle(CyclePlan plan);

// The key behind pseudonyms: the file's bytes without a newline at the end, 16 to 1,024 of them.
absl::StatusOr<std::string> PseudonymKey(const StateDir& state, const PrivacyConfig& privacy,
                                         std::vector<std::string>& notices);

}  // namespace tom

#endif  // TOM_AGENT_REPORT_CYCLE_H_
