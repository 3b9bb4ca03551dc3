// All LUKS headers that can be seen: at the start of block devices that are not mounted themselves,
// detached ones that crypttab names, and what a query names.
#ifndef TOM_CHECKS_TABLES_LUKS_SCAN_H_
#define TOM_CHECKS_TABLES_LUKS_SCAN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/table.h"
#include "checks/parse/luks_header.h"
#include "checks/tables/block_device.h"

namespace tom {

struct SeenLuks {
  std::string path;    // "/dev/sda2", "/boot/header.img"
  std::string number;  // MAJOR:MINOR of a block device
  std::string source;  // "device", "crypttab", "query"
  // InvalidArgument: there is a header, and it is broken.
  absl::StatusOr<LuksHeader> header = absl::UnknownError("");
};

// All of sysfs, by name; those that hold nothing (of size 0) and memory (zram, RAM disks) left out.
// At most kMaxBlockDevices: more is ResourceExhausted. One that contradicts itself is told to
// `problem`.
inline constexpr size_t kMaxBlockDevices = 1024;
absl::StatusOr<std::vector<BlockDevice>> ListBlockDevices(
    Env& env, const std::function<void(std::string)>& problem);

// Calls `take` with each header until that says no; what cannot be read makes the scan incomplete.
// An equality on `path` looks there alone.
absl::Status ScanLuks(Env& env, const TableContext& context, RowSink& sink,
                      const std::function<bool(const SeenLuks&)>& take);

std::vector<Touch> LuksTouches(Env& env, const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_LUKS_SCAN_H_
