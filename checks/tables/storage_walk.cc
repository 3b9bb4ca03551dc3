#include "checks/tables/storage_walk.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <functional>

#include "checks/tables/luks_device.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

constexpr int kMaxDepth = 24;
constexpr size_t kMaxProblems = 10;

bool OneOf(const std::string& text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

StorageState Memory(std::string layer) {
  StorageState state;
  state.cover = Cover::kMemory;
  state.layer = std::move(layer);
  return state;
}

StorageState Plain(const BlockDevice& device) {
  StorageState state;
  state.cover = Cover::kPlain;
  state.least_bits = 0;
  state.layer = device.name;
  state.dm_name = device.dm_name;
  state.provider_disk = device.provider_disk;
  return state;
}

StorageState Encrypted(const BlockDevice& device, std::string method) {
  StorageState state;
  state.cover = Cover::kEncrypted;
  state.method = std::move(method);
  state.layer = device.name;
  state.dm_name = device.dm_name;
  return state;
}

// Mappings that only move blocks about (prefixes of dm/uuid: lvm2, multipath-tools, kpartx,
// dmraid, cryptsetup's verity and integrity, which check and do not hide).
bool MovesBlocksAlone(const std::string& uuid) {
  for (const std::string_view prefix : {"LVM-", "mpath-", "part", "DMRAID-", "CRYPT-VERITY-",
                                        "CRYPT-INTEGRITY-", "CRYPT-SUBDEV-"}) {
    if (StartsWith(uuid, prefix)) return true;
  }
  return false;
}

// Encryption without a header that says with what.
std::string MethodWithoutHeader(const std::string& uuid) {
  struct Named {
    std::string_view prefix;
    const char* method;
  };
  static constexpr Named kNamed[] = {
      {"CRYPT-PLAIN-", "plain dm-crypt"}, {"CRYPT-LOOPAES-", "loop-AES"},
      {"CRYPT-TCRYPT-", "TrueCrypt"},     {"CRYPT-BITLK-", "BitLocker"},
      {"CRYPT-FVAULT2-", "FileVault 2"},  {"CRYPT-TEMP-", "re-encryption"}};
  for (const Named& named : kNamed) {
    if (StartsWith(uuid, named.prefix)) return named.method;
  }
  return "";
}

// "CRYPT-LUKS2-0123…ef-name" holds the header's UUID without dashes.
bool NamesHeader(const std::string& dm_uuid, std::string header_uuid) {
  header_uuid.erase(std::remove(header_uuid.begin(), header_uuid.end(), '-'), header_uuid.end());
  return header_uuid.size() == 32 && dm_uuid.substr(12, 33) == header_uuid + "-";
}

StorageState FromHeader(const BlockDevice& mapping, const std::string& holder,
                        const LuksHeader& header) {
  StorageState state = Encrypted(mapping, "LUKS" + std::to_string(header.version));
  state.luks_version = header.version;
  state.cipher = header.cipher + (header.mode.empty() ? "" : "-" + header.mode);
  state.strength = header.strength;
  state.least_bits = header.strength.bits;
  state.header_source = holder + ", " + header.copy + " copy";
  state.cipher_source = "header";
  state.note = header.note;
  if (!header.strength.bits.has_value()) {
    state.error = "cipher " + state.cipher + " with a key of " + std::to_string(header.key_bytes) +
                  " bytes" + (header.integrity.empty() ? "" : " beside " + header.integrity) +
                  " is not known";
  }
  return state;
}

}  // namespace

bool StorageWalk::IsMemory(const std::string& fs_type) {
  return OneOf(fs_type, {"tmpfs", "ramfs", "rootfs", "devtmpfs", "hugetlbfs"});
}

bool StorageWalk::IsPseudo(const std::string& fs_type) {
  return OneOf(fs_type,
               {"proc",      "sysfs",    "devpts",      "cgroup",       "cgroup2",    "securityfs",
                "debugfs",   "tracefs",  "configfs",    "fusectl",      "mqueue",     "pstore",
                "bpf",       "efivarfs", "binfmt_misc", "autofs",       "rpc_pipefs", "nsfs",
                "selinuxfs", "smackfs",  "nfsd",        "devtmpfs",     "hugetlbfs",  "resctrl",
                "xenfs",     "sockfs",   "pipefs",      "anon_inodefs", "functionfs", "cpuset"});
}

bool StorageWalk::IsNetwork(const std::string& fs_type) {
  return OneOf(fs_type,
               {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "virtiofs", "afs", "lustre",
                "beegfs", "gpfs", "coda", "orangefs", "ncpfs", "vboxsf", "vmhgfs", "prl_fs"});
}

std::vector<std::string> StorageWalk::OverlayLayers(const MountEntry& mount) {
  std::vector<std::string> layers;
  const std::string lower = MountOption(mount.super_options, "lowerdir");
  std::string layer;
  for (size_t i = 0; i <= lower.size(); ++i) {
    if (i == lower.size() || lower[i] == ':') {
      if (!layer.empty()) layers.push_back(std::move(layer));
      layer.clear();
    } else {
      if (lower[i] == '\\' && i + 1 < lower.size()) ++i;
      layer.push_back(lower[i]);
    }
  }
  const std::string upper = MountOption(mount.super_options, "upperdir");
  if (!upper.empty()) layers.push_back(upper);
  return layers;
}

StorageState StorageWalk::Problem(const std::string& layer, const std::string& what) {
  if (problems_.size() < kMaxProblems) problems_.insert(what);
  return UnknownState(layer, what);
}

StorageState StorageWalk::OfSwap(const SwapEntry& swap) {
  static constexpr std::string_view kDeleted = " (deleted)";
  if (swap.path.size() > kDeleted.size() &&
      swap.path.compare(swap.path.size() - kDeleted.size(), kDeleted.size(), kDeleted) == 0) {
    return UnknownState("", "the swap file has been removed, its place is not seen");
  }
  if (swap.type == "file") return Path(swap.path, 0);
  if (swap.type != "partition") return UnknownState("", "swap of an unknown type");
  const auto number = DeviceOfPath(env_, swap.path);
  return number.ok() ? Device(*number, 0) : UnknownState("", Message(number.status()));
}

StorageState StorageWalk::Path(const std::string& path, int depth) {
  if (path.empty() || path[0] != '/') return UnknownState("", "a path that is not absolute");
  const MountEntry* mount = MountOfPath(mounts_, path);
  if (mount == nullptr) return UnknownState("", path + ": no mount holds it");
  StorageState state = Mount(*mount, depth + 1);
  return path == mount->mount_point ? state : WithPolicy(*mount, path, std::move(state));
}

StorageState StorageWalk::OfTree(const std::string& real_path) {
  StorageState state = OfPath(real_path);
  const std::string below = real_path == "/" ? real_path : real_path + "/";
  for (const MountEntry& mount : mounts_) {
    if (!StartsWith(mount.mount_point, below) || IsPseudo(mount.fs_type)) continue;
    state = WeakerOf(std::move(state), Mount(mount, 1));
  }
  return state;
}

// The kernel's policy of what `path` names there now. A mount that another one hides is left to its
// device.
StorageState StorageWalk::WithPolicy(const MountEntry& mount, const std::string& path,
                                     StorageState below) {
  if (foreign_ || !KnowsFscrypt(mount.fs_type) || env_.mode() == RootMode::kDeadTree) return below;
  const auto there = env_.Stat(path);
  if (!there.ok() || there->device != makedev(mount.major, mount.minor)) return below;
  auto policy = FscryptState(env_, path);
  if (!policy.ok()) {
    below.note.append(below.note.empty() ? "" : "; ").append(Message(policy.status()));
    return below;
  }
  if (!policy->has_value()) return below;
  (*policy)->layer = below.layer;
  return StrongerOf(**policy, below);
}

StorageState StorageWalk::Mount(const MountEntry& mount, int depth) {
  if (depth > kMaxDepth) return Problem("", mount.mount_point + ": storage nested too deep");
  return WithPolicy(mount, mount.mount_point, Below(mount, depth));
}

StorageState StorageWalk::Below(const MountEntry& mount, int depth) {
  const std::string& type = mount.fs_type;
  if (IsMemory(type)) return Memory(type);
  if (type == "overlay") return Overlay(mount, depth);
  if (type == "btrfs") return Btrfs(mount, depth);
  if (IsNetwork(type)) {
    return UnknownState("", type + ": a network's file system, where it is stored is not seen");
  }
  if (type == "zfs") return Zfs(mount, depth);
  if (type == "bcachefs") return UnknownState("", "bcachefs: its own encryption is not examined");
  if (type == "ecryptfs") return StrongerOf(EcryptfsState(mount), Lower(mount, depth));
  if (mount.major != 0) return Device({mount.major, mount.minor}, depth + 1);
  if (StartsWith(type, "fuse")) {
    return UnknownState("", type + ": a program serves it, where it is stored is not seen");
  }
  return UnknownState("", type.substr(0, 40) + ": has no block device that is seen");
}

StorageState StorageWalk::Overlay(const MountEntry& mount, int depth) {
  const auto [known, fresh] = overlays_.try_emplace(&mount);
  if (!fresh) return known->second;
  // What a layer that lies on this very overlay gets; in a container that is the rule, not a lie.
  known->second = UnknownState("overlay", "the overlay rests on itself");
  const std::vector<std::string> layers = OverlayLayers(mount);
  StorageState weakest = Memory("overlay");
  for (const std::string& layer : layers)
    weakest = WeakerOf(std::move(weakest), Layer(layer, depth));
  if (layers.empty()) weakest = UnknownState("overlay", "the overlay names no layers");
  return overlays_[&mount] = weakest;
}

StorageState StorageWalk::Layer(const std::string& path, int depth) {
  if (foreign_) return UnknownState("overlay", "layers of a container are not followed");
  // A container sees the names of its layers, but not the layers.
  const auto there = env_.Stat(path);
  if (!there.ok()) return UnknownState("overlay", "layer " + Message(there.status()));
  return Path(path, depth);
}

// Where a stacked file system keeps its files. It is often mounted over that very folder.
StorageState StorageWalk::Lower(const MountEntry& mount, int depth) {
  if (MountOfPath(mounts_, mount.source) != &mount) return Path(mount.source, depth);
  for (const MountEntry& parent : mounts_) {
    if (parent.id == mount.parent && &parent != &mount) return Mount(parent, depth + 1);
  }
  return UnknownState("", mount.source + ": what is mounted over is not seen");
}

// Its own encryption, and what lies below every device of its pool.
StorageState StorageWalk::Zfs(const MountEntry& mount, int depth) {
  StorageState own = zfs_.Dataset(mount.source);
  const auto devices = zfs_.Devices(mount.source);
  if (!devices.ok()) {
    if (own.cover != Cover::kPlain) return own;
    return UnknownState("", "zfs: not encrypted itself, and what it lies on is not seen: " +
                                Message(devices.status()));
  }
  StorageState weakest = Memory("zfs");
  for (const std::string& path : *devices) {
    const auto number = DeviceOfPath(env_, path);
    weakest =
        WeakerOf(std::move(weakest), number.ok() ? Device(*number, depth + 1)
                                                 : UnknownState("", Message(number.status())));
  }
  if (own.cover == Cover::kPlain) return weakest;
  // Encrypted itself in a way that nobody tells, on disks that are plain: not known, never plain.
  if (own.cover == Cover::kUnknown) return weakest.cover == Cover::kEncrypted ? weakest : own;
  own.layer = weakest.layer;
  return StrongerOf(own, weakest);
}

// Its device numbers are anonymous and mountinfo names one disk of several; sysfs has them all.
StorageState StorageWalk::Btrfs(const MountEntry& mount, int depth) {
  const auto source = DeviceOfPath(env_, mount.source);
  if (!source.ok()) return UnknownState("", "btrfs: " + Message(source.status()));
  const auto uuids = env_.ListDirectory("/sys/fs/btrfs");
  if (!uuids.ok()) return Problem("", Message(uuids.status()));
  for (const std::string& uuid : *uuids) {
    const std::string folder = "/sys/fs/btrfs/" + uuid + "/devices";
    const auto names = env_.ListDirectory(folder);
    if (absl::IsNotFound(names.status())) continue;  // "features"
    if (!names.ok()) return Problem("", Message(names.status()));
    std::vector<DeviceNumber> numbers;
    for (const std::string& name : *names) {
      const auto text = env_.ReadFile(folder + "/" + name + "/dev", 64);
      const auto number = text.ok() ? ParseDeviceNumber(*text) : std::nullopt;
      if (!number.has_value()) return Problem("", folder + "/" + name + ": cannot be read");
      numbers.push_back(*number);
    }
    if (std::find(numbers.begin(), numbers.end(), *source) == numbers.end()) continue;
    StorageState weakest = Memory("btrfs");
    for (const DeviceNumber& number : numbers) {
      weakest = WeakerOf(std::move(weakest), Device(number, depth + 1));
    }
    return weakest;
  }
  return UnknownState("", "btrfs: its devices are not seen");
}

StorageState StorageWalk::Device(DeviceNumber number, int depth) {
  const auto known = judged_.find(number);
  if (known != judged_.end()) return known->second;
  if (depth > kMaxDepth) return Problem("", number.Text() + ": storage nested too deep");
  if (!open_.insert(number).second) return Problem("", number.Text() + ": storage rests on itself");
  const auto device = ReadBlockDevice(env_, number);
  StorageState state = device.ok() ? Judge(*device, depth) : Problem("", Message(device.status()));
  open_.erase(number);
  judged_[number] = state;
  return state;
}

StorageState StorageWalk::Judge(const BlockDevice& device, int depth) {
  const std::string& name = device.name;
  if (device.dm_uuid.has_value()) return Mapping(device, depth);
  if (StartsWith(name, "dm-")) return Problem(name, name + ": sysfs does not tell its mapping");
  if (device.IsRamDisk()) return Memory(name);
  if (device.IsZram()) {
    if (device.zram_backing.empty()) return Memory(name);
    const auto backing = DeviceOfPath(env_, device.zram_backing);
    if (!backing.ok()) return UnknownState(name, Message(backing.status()));
    return Device(*backing, depth + 1);
  }
  if (StartsWith(name, "loop") && !device.whole.has_value()) return Loop(device, depth);
  if (device.whole.has_value()) return Device(*device.whole, depth + 1);
  if (!device.slaves.empty()) return Slaves(device, depth);
  if (device.is_virtual || StartsWith(name, "md") || StartsWith(name, "nbd") ||
      StartsWith(name, "rbd") || StartsWith(name, "drbd") || StartsWith(name, "zd")) {
    return UnknownState(name, name + ": what it is stored on is not seen");
  }
  return Plain(device);
}

StorageState StorageWalk::Slaves(const BlockDevice& device, int depth) {
  if (device.slaves.empty()) {
    return UnknownState(device.name, device.name + ": what it is stored on is not seen");
  }
  StorageState weakest = Device(device.slaves[0], depth + 1);
  for (size_t i = 1; i < device.slaves.size(); ++i) {
    weakest = WeakerOf(std::move(weakest), Device(device.slaves[i], depth + 1));
  }
  return weakest;
}

StorageState StorageWalk::Loop(const BlockDevice& device, int depth) {
  if (!device.backing_file.has_value()) {
    return UnknownState(device.name, device.name + ": its file is not seen");
  }
  static constexpr std::string_view kDeleted = " (deleted)";
  const std::string& file = *device.backing_file;
  if (file.size() > kDeleted.size() && file.substr(file.size() - kDeleted.size()) == kDeleted) {
    return UnknownState(device.name, device.name + ": its file has been removed");
  }
  return Path(file, depth);
}

StorageState StorageWalk::Mapping(const BlockDevice& device, int depth) {
  const std::string& uuid = *device.dm_uuid;
  StorageState below = Slaves(device, depth);
  const std::vector<DmTarget>* running = dm_.Of(device.dm_name);
  for (const int version : {1, 2}) {
    if (!StartsWith(uuid, "CRYPT-LUKS" + std::to_string(version) + "-")) continue;
    StorageState state = Luks(device, version, depth);
    if (running != nullptr) ApplyRunning(*running, state);
    return StrongerOf(state, below);
  }
  const std::string method = MethodWithoutHeader(uuid);
  const bool crypt = running != nullptr && running->front().type == "crypt";
  if (!method.empty() || (crypt && !MovesBlocksAlone(uuid))) {
    StorageState state = Encrypted(device, method.empty() ? "dm-crypt" : method);
    if (running != nullptr) {
      ApplyRunning(*running, state);
    } else {
      state.error = method + ": no header tells cipher and key";
    }
    return StrongerOf(state, below);
  }
  if (MovesBlocksAlone(uuid) || below.cover != Cover::kPlain) return below;
  return UnknownState(device.name, device.name + ": a mapping of an unknown kind");
}

// A header that lies elsewhere: where crypttab says, if it is the one that was opened.
StorageState StorageWalk::Detached(const BlockDevice& device, StorageState state) {
  const auto text = env_.ReadFile("/etc/crypttab", 1 << 20);
  if (!text.ok()) return state;
  for (const CrypttabEntry& entry : ParseCrypttab(*text).entries) {
    const std::string path = entry.Option("header").value_or("");
    if (entry.name != device.dm_name || path.empty() || path[0] != '/') continue;
    const auto header = ReadLuksFile(env_, path);
    if (!header.ok()) {
      state.error.append("; detached header: ").append(Message(header.status()));
    } else if (header->version == state.luks_version &&
               NamesHeader(*device.dm_uuid, header->uuid)) {
      return FromHeader(device, path, *header);
    } else {
      state.error.append("; ").append(path).append(": is not the header that was opened");
    }
    return state;
  }
  return state;
}

StorageState StorageWalk::Luks(const BlockDevice& device, int version, int depth) {
  StorageState state = Encrypted(device, "LUKS" + std::to_string(version));
  state.luks_version = version;
  const BlockDevice* holder = &device;
  absl::StatusOr<BlockDevice> next = absl::NotFoundError("no device below");
  // An integrity mapping may stand between the mapping and the header.
  for (int i = 0; i < 3 && depth + i < kMaxDepth; ++i) {
    if (holder->slaves.size() != 1) break;
    auto below = ReadBlockDevice(env_, holder->slaves[0]);
    next = std::move(below);
    if (!next.ok()) break;
    holder = &*next;
    if (!holder->dm_uuid.has_value() || !MovesBlocksAlone(*holder->dm_uuid) ||
        !StartsWith(*holder->dm_uuid, "CRYPT-")) {
      break;
    }
  }
  if (!next.ok()) {
    state.error = Message(next.status());
    return state;
  }
  const auto header = ReadLuksHeader(env_, *next);
  if (!header.ok()) {
    state.error = Message(header.status());
  } else if (header->version != version || !NamesHeader(*device.dm_uuid, header->uuid)) {
    state.error = "/dev/" + next->name + ": its header is not the one that was opened";
  } else {
    return FromHeader(device, "/dev/" + next->name, *header);
  }
  return Detached(device, std::move(state));
}

}  // namespace tom
