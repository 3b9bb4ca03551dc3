#include "checks/tables/device_use.h"

#include "checks/parse/mountinfo.h"
#include "checks/tables/luks_device.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/storage_own.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

}  // namespace

absl::StatusOr<Superblock> ReadSuperblock(Env& env, const BlockDevice& device) {
  TOM_RETURN_IF_ERROR(CheckReadable(env, device));
  const std::string path = "/dev/" + device.name;
  TOM_ASSIGN_OR_RETURN(const std::string start, env.ReadRange(path, 0, kSuperblockBytes));
  Superblock found = ParseSuperblock(start);
  if (!found.type.empty() || start.size() < kSuperblockBytes) return found;
  TOM_ASSIGN_OR_RETURN(const std::string label, env.ReadRange(path, kZfsLabelAt, kZfsLabelBytes));
  if (IsZfsLabel(label)) found.type = "zfs_member";
  return found;
}

DeviceUse::DeviceUse(Env& env, const std::vector<BlockDevice>& devices) {
  AddMembers(env, devices);
  AddSwaps(env);
  AddMounts(env);
}

std::string DeviceUse::Of(DeviceNumber number) const {
  const auto found = uses_.find(number);
  return found == uses_.end() ? "" : found->second;
}

std::string DeviceUse::MountedType(DeviceNumber number) const {
  const auto found = mounted_types_.find(number);
  return found == mounted_types_.end() ? "" : found->second;
}

void DeviceUse::AddMounts(Env& env) {
  const auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) return problems_.push_back(Message(mounts.status()));
  for (const MountEntry& mount : mounts->info.entries) {
    if (mount.major == 0) continue;
    uses_[{mount.major, mount.minor}] = "mounted";
    mounted_types_[{mount.major, mount.minor}] = mount.fs_type;
  }
}

void DeviceUse::AddSwaps(Env& env) {
  const auto text = env.ReadFile("/proc/swaps", 1 << 20);
  if (!text.ok()) return problems_.push_back(Message(text.status()));
  for (const SwapEntry& swap : ParseSwaps(*text).entries) {
    if (swap.type != "partition") continue;
    const auto number = DeviceOfPath(env, swap.path);
    if (number.ok()) uses_[*number] = "swap";
  }
}

void DeviceUse::AddMembers(Env& env, const std::vector<BlockDevice>& devices) {
  for (const BlockDevice& device : devices) {
    for (const DeviceNumber& slave : device.slaves) uses_[slave] = "member";
    if (device.whole.has_value()) uses_.try_emplace(*device.whole, "partitions");
  }
  // A file system of several devices is mounted by one number, none of theirs.
  const auto uuids = env.ListDirectory("/sys/fs/btrfs");
  if (!uuids.ok() && !absl::IsNotFound(uuids.status())) {
    problems_.push_back(Message(uuids.status()));
  }
  for (const std::string& uuid : uuids.ok() ? *uuids : std::vector<std::string>()) {
    const std::string folder = "/sys/fs/btrfs/" + uuid + "/devices";
    const auto names = env.ListDirectory(folder);
    if (!names.ok()) continue;  // "features"
    for (const std::string& name : *names) {
      const auto text =
          env.ReadFile(std::string(folder).append("/").append(name).append("/dev"), 64);
      const auto number = text.ok() ? ParseDeviceNumber(*text) : std::nullopt;
      if (number.has_value()) uses_[*number] = "member";
    }
  }
  ZfsFacts zfs(env);
  for (const std::string& path : zfs.AllDevices()) {
    const auto number = DeviceOfPath(env, path);
    if (number.ok()) uses_[*number] = "member";
  }
}

}  // namespace tom
