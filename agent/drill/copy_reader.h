// How the copies of each kind of backup are read inside a cage: what the newest one holds, and a
// sample of it restored. Errors: DataLoss - the copy does not give what it should; all others - it
// could not be tried (no program, no time, no password on this host).
#ifndef TOM_AGENT_DRILL_COPY_READER_H_
#define TOM_AGENT_DRILL_COPY_READER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/drill/cage.h"
#include "agent/drill/sample.h"
#include "checks/engine/declared.h"
#include "checks/parse/backup_listing.h"

namespace tom {

class CopyReader {
 public:
  virtual ~CopyReader() = default;
  // Before the cage is sealed: what the reader needs in it.
  virtual absl::Status Prepare(Cage& cage) = 0;
  // DataLoss where there is none. `left_ms` tells how much time is left.
  virtual absl::StatusOr<NewestSnapshot> Newest() = 0;
  virtual absl::Status List(const std::function<void(ListedEntry)>& take) = 0;
  // Not OK: what is there afterwards may be anything.
  virtual absl::Status Restore(const std::vector<SampleItem>& sample) = 0;
  // Where the item with this index lies then, below /scratch/out.
  virtual std::string PlaceOf(const SampleItem& item, size_t index) const = 0;
  // Whether restoring has held the content against digests that the copy keeps.
  virtual bool Verifies() const = 0;
};

// Unimplemented: a kind, or a repository, that cannot be drilled. `left_ms` is asked before each
// step.
absl::StatusOr<std::unique_ptr<CopyReader>> NewCopyReader(const DeclaredBackup& backup,
                                                          std::function<int64_t()> left_ms);

// Says the same without making one.
absl::Status CanBeDrilled(const DeclaredBackup& backup);

// The kinds, for NewCopyReader.
std::unique_ptr<CopyReader> NewArchiveCopies(const DeclaredBackup& backup,
                                             std::function<int64_t()> left_ms);
std::unique_ptr<CopyReader> NewResticCopies(const DeclaredBackup& backup,
                                            std::function<int64_t()> left_ms);
std::unique_ptr<CopyReader> NewBorgCopies(const DeclaredBackup& backup,
                                          std::function<int64_t()> left_ms);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_COPY_READER_H_
