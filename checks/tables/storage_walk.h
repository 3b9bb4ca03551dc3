// From a mount, swap area or path down to the disks: does every way end on encryption? Facts are
// mountinfo, sysfs, headers and what the kernel tells of mappings and policies. /etc/crypttab is
// intention: it only says where a detached header may lie, which counts if it is the mapping's.
#ifndef TOM_CHECKS_TABLES_STORAGE_WALK_H_
#define TOM_CHECKS_TABLES_STORAGE_WALK_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/crypttab.h"
#include "checks/parse/mountinfo.h"
#include "checks/tables/block_device.h"
#include "checks/tables/dm_facts.h"
#include "checks/tables/storage_own.h"
#include "checks/tables/storage_state.h"

namespace tom {

// `env` and `mounts` must outlive it. Each device and each overlay is judged once. Not thread-safe.
class StorageWalk {
 public:
  // `foreign`: the mounts are another process's (a container's), whose paths are not this one's:
  // devices are followed, paths are not looked at.
  StorageWalk(Env& env, const std::vector<MountEntry>& mounts, bool foreign = false)
      : env_(env), mounts_(mounts), foreign_(foreign), dm_(env), zfs_(env) {}

  StorageState OfMount(const MountEntry& mount) { return Mount(mount, 0); }
  StorageState OfSwap(const SwapEntry& swap);
  StorageState OfDevice(DeviceNumber number) { return Device(number, 0); }
  // Of a file or directory, all links in its name resolved.
  StorageState OfPath(const std::string& real_path) { return Path(real_path, 0); }
  // The same with all file systems that are mounted below it.
  StorageState OfTree(const std::string& real_path);

  // What kept the walk from seeing the whole of it: sysfs missing or contradicting itself, a loop,
  // too deep. Each once.
  const std::set<std::string>& problems() const { return problems_; }

  // A file system that only the kernel's memory holds (tmpfs), or that holds nothing (proc).
  static bool IsMemory(const std::string& fs_type);
  static bool IsPseudo(const std::string& fs_type);
  static bool IsNetwork(const std::string& fs_type);

  // The layers of an overlay: its lower folders and its upper one.
  static std::vector<std::string> OverlayLayers(const MountEntry& mount);

 private:
  StorageState Mount(const MountEntry& mount, int depth);
  StorageState Path(const std::string& path, int depth);
  StorageState Overlay(const MountEntry& mount, int depth);
  StorageState Layer(const std::string& path, int depth);
  StorageState Btrfs(const MountEntry& mount, int depth);
  StorageState Lower(const MountEntry& mount, int depth);
  StorageState Zfs(const MountEntry& mount, int depth);
  StorageState Below(const MountEntry& mount, int depth);
  StorageState WithPolicy(const MountEntry& mount, const std::string& path, StorageState below);
  StorageState Device(DeviceNumber number, int depth);
  StorageState Judge(const BlockDevice& device, int depth);
  StorageState Mapping(const BlockDevice& device, int depth);
  StorageState Loop(const BlockDevice& device, int depth);
  StorageState Slaves(const BlockDevice& device, int depth);
  StorageState Luks(const BlockDevice& device, int version, int depth);
  StorageState Detached(const BlockDevice& device, StorageState state);
  StorageState Problem(const std::string& layer, const std::string& what);

  Env& env_;
  const std::vector<MountEntry>& mounts_;
  bool foreign_;
  DmFacts dm_;
  ZfsFacts zfs_;
  std::map<DeviceNumber, StorageState> judged_;
  std::map<const MountEntry*, StorageState> overlays_;
  std::set<DeviceNumber> open_;  // being judged: to meet one again is a loop
  std::set<std::string> problems_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_STORAGE_WALK_H_
