// Snapshots as `btrfs subvolume show PATH` prints them, one after another (btrfs-progs 6.2): the
// one output that dates them with a zone. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_BTRFS_SNAPSHOTS_H_
#define TOM_CHECKS_PARSE_BTRFS_SNAPSHOTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

struct BtrfsSnapshot {
  std::string path;  // in the file system
  UnixSeconds created = 0;
  bool read_only = false;
  bool received = false;  // sent from another file system
};

// Subvolumes that are snapshots of others, or received ones; the rest is left out. InvalidArgument:
// another form.
absl::StatusOr<std::vector<BtrfsSnapshot>> ParseBtrfsSnapshots(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BTRFS_SNAPSHOTS_H_
