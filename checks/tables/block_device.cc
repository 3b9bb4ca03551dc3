#include "checks/tables/block_device.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxAttribute = 8192;

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \n\t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

absl::StatusOr<std::string> Attribute(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path, kMaxAttribute));
  return std::string(Trimmed(text));
}

// Absent where there is no such file; other errors stay errors.
absl::StatusOr<std::optional<std::string>> Optional(Env& env, const std::string& path) {
  auto text = Attribute(env, path);
  if (absl::IsNotFound(text.status())) return std::optional<std::string>();
  if (!text.ok()) return text.status();
  return std::optional<std::string>(*std::move(text));
}

absl::StatusOr<DeviceNumber> NumberIn(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string text, Attribute(env, path));
  const auto number = ParseDeviceNumber(text);
  if (!number.has_value()) return BadData(path + ": not MAJOR:MINOR");
  return *number;
}

// A name below /dev, as uevent gives it; it becomes part of a path.
bool IsDeviceName(std::string_view name) {
  if (name.empty() || name.size() > 128 || name[0] == '/' || name[0] == '.') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/+@").find(c) != std::string_view::npos;
  });
}

std::string UeventValue(std::string_view uevent, std::string_view key) {
  for (size_t at = 0; at < uevent.size();) {
    const size_t end = std::min(uevent.find('\n', at), uevent.size());
    const std::string_view line = uevent.substr(at, end - at);
    if (line.size() > key.size() && line.substr(0, key.size()) == key && line[key.size()] == '=') {
      return std::string(line.substr(key.size() + 1));
    }
    at = end + 1;
  }
  return "";
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// What hypervisors and clouds say of their disks (device/model and device/vendor).
bool NamesProvider(std::string_view text) {
  for (const std::string_view name : {"Amazon", "nvme_card", "PersistentDisk", "Google", "MSFT",
                                      "Microsoft", "Msft", "QEMU", "VMware", "VBOX", "Virtual"}) {
    if (text.find(name) != std::string_view::npos) return true;
  }
  return false;
}

bool IsProviderDisk(Env& env, const std::string& sys, const std::string& name) {
  if (StartsWith(name, "vd") || StartsWith(name, "xvd")) return true;
  for (const char* file : {"/device/model", "/device/vendor"}) {
    const auto text = Attribute(env, sys + file);
    if (text.ok() && NamesProvider(*text)) return true;
  }
  return false;
}

absl::Status ReadSlaves(Env& env, const std::string& sys, BlockDevice& device) {
  const auto names = env.ListDirectory(sys + "/slaves");
  if (absl::IsNotFound(names.status())) return absl::OkStatus();  // partitions have none
  if (!names.ok()) return names.status();
  if (names->size() > kMaxSlaves) {
    return absl::ResourceExhaustedError(ToAbsl(sys + "/slaves: too many devices"));
  }
  for (const std::string& name : *names) {
    TOM_ASSIGN_OR_RETURN(const DeviceNumber slave, NumberIn(env, sys + "/slaves/" + name + "/dev"));
    device.slaves.push_back(slave);
  }
  return absl::OkStatus();
}

absl::Status ReadKind(Env& env, const std::string& sys, BlockDevice& device) {
  TOM_ASSIGN_OR_RETURN(device.dm_uuid, Optional(env, sys + "/dm/uuid"));
  TOM_ASSIGN_OR_RETURN(const auto dm_name, Optional(env, sys + "/dm/name"));
  device.dm_name = dm_name.value_or("");
  TOM_ASSIGN_OR_RETURN(device.backing_file, Optional(env, sys + "/loop/backing_file"));
  if (device.IsZram()) {
    TOM_ASSIGN_OR_RETURN(const auto backing, Optional(env, sys + "/backing_dev"));
    if (backing.has_value() && *backing != "none") device.zram_backing = *backing;
  }
  TOM_ASSIGN_OR_RETURN(const auto partition, Optional(env, sys + "/partition"));
  if (!partition.has_value()) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(device.whole, NumberIn(env, sys + "/../dev"));
  return absl::OkStatus();
}

absl::Status ReadPlace(Env& env, const std::string& sys, BlockDevice& device) {
  TOM_ASSIGN_OR_RETURN(const std::string uevent, Attribute(env, sys + "/uevent"));
  device.name = UeventValue(uevent, "DEVNAME");
  if (!IsDeviceName(device.name)) return BadData(sys + "/uevent: no device name");
  const auto link = env.ReadLink(sys);  // a copied tree may hold the folder itself
  device.is_virtual = link.ok() && link->find("/virtual/block/") != std::string::npos;
  device.provider_disk = !device.is_virtual && IsProviderDisk(env, sys, device.name);
  return absl::OkStatus();
}

// The kernel's spelling of a name in sysfs: a slash is '!'.
std::string SysName(std::string name) {
  std::replace(name.begin(), name.end(), '/', '!');
  return name;
}

}  // namespace

std::string DeviceNumber::Text() const {
  return std::to_string(major) + ":" + std::to_string(minor);
}

std::optional<DeviceNumber> ParseDeviceNumber(std::string_view text) {
  text = Trimmed(text);
  DeviceNumber number;
  const char* last = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), last, number.major);
  if (error != std::errc() || colon == last || *colon != ':') return std::nullopt;
  const auto [end, second_error] = std::from_chars(colon + 1, last, number.minor);
  if (second_error != std::errc() || end != last) return std::nullopt;
  return number;
}

DeviceNumber DeviceNumberOf(uint64_t special_device) {
  return {gnu_dev_major(special_device), gnu_dev_minor(special_device)};
}

bool BlockDevice::IsRamDisk() const {
  return StartsWith(name, "ram") && name.find_first_not_of("0123456789", 3) == std::string::npos;
}

absl::StatusOr<BlockDevice> ReadBlockDevice(Env& env, DeviceNumber number) {
  const std::string sys = "/sys/dev/block/" + number.Text();
  TOM_ASSIGN_OR_RETURN(const DeviceNumber said, NumberIn(env, sys + "/dev"));
  if (said != number) return BadData(sys + ": leads to the device " + said.Text());
  BlockDevice device;
  device.number = number;
  TOM_RETURN_IF_ERROR(ReadPlace(env, sys, device));
  TOM_RETURN_IF_ERROR(ReadSlaves(env, sys, device));
  TOM_RETURN_IF_ERROR(ReadKind(env, sys, device));
  return device;
}

absl::StatusOr<DeviceNumber> DeviceOfPath(Env& env, const std::string& path) {
  const auto node = env.Stat(path);
  if (node.ok() && node->kind == FileKind::kBlock && env.mode() != RootMode::kDeadTree) {
    return DeviceNumberOf(node->special_device);
  }
  const auto link = env.ReadLink(path);  // /dev/mapper/NAME, /dev/VG/LV
  const std::string target = link.ok() ? *link : path;
  const size_t dev = target.rfind("/dev/");
  const std::string name = dev == 0 ? target.substr(5) : target.substr(target.rfind('/') + 1);
  if (!IsDeviceName(name)) return absl::NotFoundError(ToAbsl(path + ": not a device"));
  return NumberIn(env, "/sys/class/block/" + SysName(name) + "/dev");
}

}  // namespace tom
