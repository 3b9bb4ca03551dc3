// The mounts that storage tables start from, and all that following them touches.
#ifndef TOM_CHECKS_TABLES_STORAGE_MOUNTS_H_
#define TOM_CHECKS_TABLES_STORAGE_MOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/declared.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"
#include "checks/parse/mountinfo.h"

namespace tom {

struct StorageMounts {
  MountInfo info;
  std::string source;  // the file that names them
};

// The first process's, for the agent's own service may see less; its own where that is hidden.
absl::StatusOr<StorageMounts> ReadStorageMounts(Env& env);

// The first document that the configuration names for encryption at rest of one of `names` (a mount
// point, a device below /dev, a path); empty where there is none.
std::string StorageDocument(const Declared& declared, const std::vector<std::string>& names);

// Every file that a walk over mounts, swap areas and declared data paths looks at (found by walking
// them), and the programs that it asks.
std::vector<Touch> StorageTouches(Env& env, const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_STORAGE_MOUNTS_H_
