// One restore drill, in a process of its own that it leaves changed (cage.h): the newest copy is
// listed, a sample chosen, restored into scratch, compared, and scratch wiped.
#ifndef TOM_AGENT_DRILL_DRILL_H_
#define TOM_AGENT_DRILL_DRILL_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/declared.h"
#include "checks/parse/drill_record.h"

namespace tom {

struct DrillOutcome {
  DrillRecord record;              // without its times
  std::vector<std::string> notes;  // names of what is not as it must be: for a terminal alone
  bool forbidden = false;          // not done for want of rights
};

// Always an outcome: what went wrong is in the record. REQUIRES: one thread, and that nothing else
// is to be done in this process.
DrillOutcome HoldDrill(const Declared& declared, const DeclaredBackup& backup);

// Between that process and the one that started it; InvalidArgument for what is no outcome.
std::string EncodeDrillOutcome(const DrillOutcome& outcome);
absl::StatusOr<DrillOutcome> ParseDrillOutcome(std::string_view bytes);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_DRILL_H_
