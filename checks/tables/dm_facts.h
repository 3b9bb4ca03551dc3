// How the kernel runs its mappings, as `dmsetup table` tells. A header says how a device is meant
// to be opened; this says how it was.
#ifndef TOM_CHECKS_TABLES_DM_FACTS_H_
#define TOM_CHECKS_TABLES_DM_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/env/env.h"
#include "checks/parse/dm_table.h"
#include "checks/tables/storage_state.h"

namespace tom {

// `env` must outlive it. Asked at most once. Not thread-safe.
class DmFacts {
 public:
  explicit DmFacts(Env& env) : env_(env) {}

  // The parts of the running mapping `dm_name` (of sysfs), or null where nobody tells: not the
  // running host, no dmsetup, no right.
  const std::vector<DmTarget>* Of(const std::string& dm_name);

 private:
  Env& env_;
  std::optional<DmTables> tables_;
};

// Puts what the mapping's parts say in place of what a header said; of several the weakest counts.
void ApplyRunning(const std::vector<DmTarget>& parts, StorageState& state);

// dmsetup needs CAP_SYS_ADMIN, which an evaluator gives up: it may be asked before (Env's prepared
// programs).
std::vector<ProgramRequest> MappingPrograms();
std::vector<Touch> MappingTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DM_FACTS_H_
