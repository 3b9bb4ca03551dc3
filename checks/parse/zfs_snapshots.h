// Snapshots as OpenZFS prints them for scripts: `zfs list -H -p -t snapshot -o
// name,creation,referenced,encryption DATASET` (zfs-list(8), zfsprops(7): tabs between, times and
// sizes as plain numbers). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_ZFS_SNAPSHOTS_H_
#define TOM_CHECKS_PARSE_ZFS_SNAPSHOTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

struct ZfsSnapshot {
  std::string name;  // DATASET@SNAPSHOT
  UnixSeconds created = 0;
  int64_t referenced = 0;         // bytes
  std::optional<bool> encrypted;  // nothing: it does not tell ("-")
};

// Of `dataset` alone. InvalidArgument: a line of another form.
absl::StatusOr<std::vector<ZfsSnapshot>> ParseZfsSnapshots(std::string_view text,
                                                           const std::string& dataset);

// zfs(8): letters, digits and -_.: with slashes between, beginning with a letter.
bool IsZfsDatasetName(std::string_view name);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ZFS_SNAPSHOTS_H_
