// Which statements of a host a pack shows: from the last look before the period to the first after
// it, so that a pack of a month costs that month however long the host has reported.
#ifndef TOM_COLLECTOR_PACK_HOST_PLAN_H_
#define TOM_COLLECTOR_PACK_HOST_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "evidence/rollup.h"

namespace tom {

// A statement by its place in the store.
struct StatementAt {
  int64_t branch = 0;
  uint64_t seq = 0;
};

// What is shown of one branch: after the opening (where there is one) the statements `first` to
// `last`, which may be none: first > last.
struct BranchPlan {
  std::optional<StatementAt> opening;  // its newest look; may be the parent's
  uint64_t first = 0;
  uint64_t last = 0;
};
using HostPlan = std::map<int64_t, BranchPlan>;  // by branch id; the others are not shown

struct PlanRequest {
  TimeSpan period;
  uint64_t size = 0;  // of the ledger: what lies beyond is not shown
  uint64_t whole_below =
      256;  // with fewer reports before the period a host is shown from its first
  // The host's findings in the period. Those that had opened before an opening have to stand in it
  // as they are, else it is moved back to before they opened.
  std::vector<Finding> findings;
};

absl::StatusOr<HostPlan> PlanHost(const StoreView& view, const std::string& host,
                                  const PlanRequest& request);

// The looks of an opening at `newest`: consecutive statements from the oldest that was some group's
// last look on.
absl::StatusOr<std::vector<StoredReport>> LooksUpTo(const StoreView& view, StatementAt newest);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_HOST_PLAN_H_
