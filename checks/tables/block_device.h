// One block device as sysfs shows it (/sys/dev/block/MAJOR:MINOR; kernel:
// Documentation/ABI/testing/sysfs-block, sysfs-block-dm, sysfs-block-loop, sysfs-block-zram).
#ifndef TOM_CHECKS_TABLES_BLOCK_DEVICE_H_
#define TOM_CHECKS_TABLES_BLOCK_DEVICE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"

namespace tom {

struct DeviceNumber {
  uint32_t major = 0;
  uint32_t minor = 0;

  auto operator<=>(const DeviceNumber&) const = default;
  std::string Text() const;  // "8:2"
};

// "8:2", a newline at the end allowed.
std::optional<DeviceNumber> ParseDeviceNumber(std::string_view text);

// Of a st_rdev.
DeviceNumber DeviceNumberOf(uint64_t special_device);

struct BlockDevice {
  DeviceNumber number;
  std::string name;                    // below /dev: "sda2", "dm-0", "cciss/c0d0p1"
  bool is_virtual = false;             // has no hardware of its own
  bool provider_disk = false;          // a hypervisor's or cloud's virtual disk
  std::optional<DeviceNumber> whole;   // a partition: the disk that it lies on
  std::vector<DeviceNumber> slaves;    // what it is made of, all of them
  std::optional<std::string> dm_uuid;  // device mapper only; may be empty
  std::string dm_name;
  std::optional<std::string> backing_file;  // loop only
  std::string zram_backing;                 // zram that writes back: the device; else empty

  bool IsZram() const { return name.compare(0, 4, "zram") == 0; }
  bool IsRamDisk() const;
};

inline constexpr size_t kMaxSlaves = 256;

// NotFound: sysfs does not have it. InvalidArgument: it is there, but contradicts itself (a link
// that leads to another device). Whatever cannot be read is an error, never an empty list.
absl::StatusOr<BlockDevice> ReadBlockDevice(Env& env, DeviceNumber number);

// The device that `path` names: by the node where there is one, else by the name in sysfs (in a
// dead tree nodes are not to be believed).
absl::StatusOr<DeviceNumber> DeviceOfPath(Env& env, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BLOCK_DEVICE_H_
