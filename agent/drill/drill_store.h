// The folder of drill records: one file a drill, 0600, written whole, named by its time so that the
// newest is the last. The same folder is the drills' lock, and where a cage is put (for the process
// of the drill alone).
#ifndef TOM_AGENT_DRILL_DRILL_STORE_H_
#define TOM_AGENT_DRILL_DRILL_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/state_file.h"
#include "checks/parse/drill_record.h"

namespace tom {

inline constexpr size_t kKeptDrills = 64;  // of one backup

class DrillStore {
 public:
  // Makes the folder where it is missing. PermissionDenied: it is not this user's alone.
  // Unavailable: another drill is going on; the lock is held as long as this lives.
  static absl::StatusOr<DrillStore> Open(const std::string& folder);

  // Writes it, and removes the oldest of the same backup beyond kKeptDrills. Gives the file's path.
  absl::StatusOr<std::string> Add(const DrillRecord& record);

 private:
  DrillStore(std::string folder, OwnedFd lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  void Prune(const std::string& backup);

  std::string folder_;
  OwnedFd lock_;
};

}  // namespace tom

#endif  // TOM_AGENT_DRILL_DRILL_STORE_H_
