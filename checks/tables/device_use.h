// What a block device holds, and whether this system uses it.
#ifndef TOM_CHECKS_TABLES_DEVICE_USE_H_
#define TOM_CHECKS_TABLES_DEVICE_USE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/superblock.h"
#include "checks/tables/block_device.h"

namespace tom {

// Reads /dev/NAME, at most kSuperblockBytes and kZfsLabelBytes of it (luks_device.h says when that
// may be done).
absl::StatusOr<Superblock> ReadSuperblock(Env& env, const BlockDevice& device);

// Which devices something stands on: a mount, a swap area, another device, partitions, a pool.
class DeviceUse {
 public:
  // `devices`: all there are. `env` is used while this is made. What cannot be told is in
  // `problems`.
  DeviceUse(Env& env, const std::vector<BlockDevice>& devices);

  // "mounted", "swap", "partitions", "member" (of another device, a pool, a file system of
  // several); empty: nothing stands on it.
  std::string Of(DeviceNumber number) const;
  // The type of the file system that is mounted from the device, as the kernel says; empty: none
  // is.
  std::string MountedType(DeviceNumber number) const;
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void AddMounts(Env& env);
  void AddSwaps(Env& env);
  void AddMembers(Env& env, const std::vector<BlockDevice>& devices);

  std::map<DeviceNumber, std::string> uses_;
  std::map<DeviceNumber, std::string> mounted_types_;
  std::vector<std::string> problems_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DEVICE_USE_H_
