// What the selected checks will touch: `tom-agent plan`. Nothing is run, resolved or connected to.
#ifndef TOM_AGENT_TOUCH_PLAN_H_
#define TOM_AGENT_TOUCH_PLAN_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/selection.h"
#include "checks/engine/table.h"

namespace tom {

struct PlannedTouch {
  Touch touch;                   // files of another root with the root in front
  std::set<std::string> checks;  // empty: the agent itself, whatever is checked
};

// In order of kind and target, each once. What a table touches by its own account; where it looks
// only at the paths that a query asks for (file), those that the query spells out, and `**` where
// it takes them from other facts. A query that does not compile is an error.
absl::StatusOr<std::vector<PlannedTouch>> PlanTouches(const Selection& selection,
                                                      const RootFlags& flags, Env& env,
                                                      std::vector<Table> tables);

}  // namespace tom

#endif  // TOM_AGENT_TOUCH_PLAN_H_
