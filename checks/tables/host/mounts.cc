// What is mounted, from the kernel's mountinfo. Sizes are asked for only where the answer cannot
// hang: on local file systems that no network file system stands above.
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "checks/engine/table.h"
#include "checks/parse/mountinfo.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kBtrfsMagic = 0x9123683E;  // linux/magic.h

// Types whose answers come from the kernel and this machine's disks alone. All others, FUSE and
// autofs too, may wait for somebody.
constexpr std::array<std::string_view, 25> kLocalTypes = {
    "bcachefs", "btrfs",    "cgroup", "cgroup2", "devpts", "devtmpfs", "erofs",   "exfat", "ext2",
    "ext3",     "ext4",     "f2fs",   "iso9660", "jfs",    "ntfs3",    "overlay", "proc",  "ramfs",
    "reiserfs", "squashfs", "sysfs",  "tmpfs",   "vfat",   "xfs",      "zfs"};

bool IsLocal(const MountEntry& mount) {
  return std::binary_search(kLocalTypes.begin(), kLocalTypes.end(),
                            std::string_view(mount.fs_type));
}

bool IsAtOrBelow(std::string_view path, std::string_view top) {
  if (top == "/") return true;
  return path.substr(0, top.size()) == top &&
         (path.size() == top.size() || path[top.size()] == '/');
}

// The mount table of the first process where it may be read: the agent's own may be a sandbox's.
absl::StatusOr<std::string> ReadMounts(Env& env, std::string& path) {
  const bool own_is_the_hosts = env.mode() != RootMode::kHostRoot;
  path = "/proc/1/mountinfo";
  auto text = env.ReadFile(path);
  if (text.ok() || !own_is_the_hosts) return text;
  path = "/proc/self/mountinfo";
  text = env.ReadFile(path);
  if (text.ok() || env.mode() == RootMode::kLive) return text;
  return Annotate(text.status(), "only a live kernel knows");
}

class Sizes {
 public:
  Sizes(Env& env, const std::vector<MountEntry>& mounts) : env_(env) {
    for (const MountEntry& mount : mounts) {
      if (!IsLocal(mount)) remote_.push_back(mount.mount_point);
    }
  }

  // Null where they are not asked for, or the mount is covered by another one.
  std::optional<FileSystemInfo> Of(const MountEntry& mount) {
    if (env_.mode() == RootMode::kDeadTree || !IsLocal(mount)) return std::nullopt;
    for (const std::string& remote : remote_) {
      if (IsAtOrBelow(mount.mount_point, remote)) return std::nullopt;
    }
    const auto file = env_.Stat(mount.mount_point);
    const auto info = env_.StatFs(mount.mount_point);
    if (!file.ok() || !info.ok()) return std::nullopt;
    // btrfs gives each subvolume a device number of its own.
    const bool same = file->device == makedev(mount.major, mount.minor) ||
                      (mount.fs_type == "btrfs" && info->type == kBtrfsMagic);
    return same ? std::optional<FileSystemInfo>(*info) : std::nullopt;
  }

 private:
  Env& env_;
  std::vector<std::string> remote_;
};

// The mount's own options, then those of the file system that it does not repeat.
std::string Flags(const MountEntry& mount) {
  std::string flags = mount.options;
  for (size_t at = 0; at < mount.super_options.size();) {
    const size_t end = std::min(mount.super_options.find(',', at), mount.super_options.size());
    const std::string option = mount.super_options.substr(at, end - at);
    const bool repeated = ("," + mount.options + ",").find("," + option + ",") != std::string::npos;
    // A read-only mount of a writable file system is read-only.
    if (!repeated && option != "rw") flags += "," + option;
    at = end + 1;
  }
  return flags;
}

bool AddMount(const MountEntry& mount, const std::optional<FileSystemInfo>& size, RowSink& sink) {
  const auto count = [&](uint64_t FileSystemInfo::*field) {
    return size ? Value(static_cast<int64_t>((*size).*field)) : Value();
  };
  return sink.Add({{"device", mount.source},
                   {"device_alias", mount.source},
                   {"path", mount.mount_point},
                   {"type", mount.fs_type},
                   {"blocks_size", count(&FileSystemInfo::block_size)},
                   {"blocks", count(&FileSystemInfo::blocks)},
                   {"blocks_free", count(&FileSystemInfo::blocks_free)},
                   {"blocks_available", count(&FileSystemInfo::blocks_available)},
                   {"inodes", count(&FileSystemInfo::inodes)},
                   {"inodes_free", count(&FileSystemInfo::inodes_free)},
                   {"flags", Flags(mount)},
                   {"root", mount.root},
                   {"major", int64_t{mount.major}},
                   {"minor", int64_t{mount.minor}},
                   {"mount_id", mount.id},
                   {"parent_id", mount.parent}});
}

absl::Status GenerateMounts(Env& env, const TableContext&, RowSink& sink) {
  std::string path;
  TOM_ASSIGN_OR_RETURN(const std::string text, ReadMounts(env, path));
  const MountInfo info = ParseMountInfo(text);
  for (const std::string& problem : info.problems) sink.Incomplete(path + " " + problem);
  Sizes sizes(env, info.entries);
  for (const MountEntry& mount : info.entries) {
    if (!AddMount(mount, sizes.Of(mount), sink)) break;
  }
  return absl::OkStatus();
}

// Of mount points only the size is asked; they are those that are there now.
std::vector<Touch> TouchesOf(Env& env, const Declared&) {
  std::vector<Touch> touches = FileTouches({"/proc/1/mountinfo", "/proc/self/mountinfo"}, "mounts");
  std::string path;
  const auto text = ReadMounts(env, path);
  if (!text.ok() || env.mode() == RootMode::kDeadTree) return touches;
  for (const MountEntry& mount : ParseMountInfo(*text).entries) {
    touches.push_back({TouchKind::kFile, mount.mount_point, "size of what is mounted"});
  }
  return touches;
}

std::vector<Column> Columns() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "device", .description = "What is mounted"},
      {.name = "device_alias", .description = "The same"},
      {.name = "path", .description = "Where"},
      {.name = "type", .description = "File system type"},
      {.name = "blocks_size", .type = kBig, .description = "Block size, bytes; NULL: not asked"},
      {.name = "blocks", .type = kBig, .description = "Blocks"},
      {.name = "blocks_free", .type = kBig, .description = "Free blocks"},
      {.name = "blocks_available", .type = kBig, .description = "Free blocks for users"},
      {.name = "inodes", .type = kBig, .description = "Inodes"},
      {.name = "inodes_free", .type = kBig, .description = "Free inodes"},
      {.name = "flags", .description = "Options of the mount, then of its file system"},
      {.name = "root", .description = "Folder of the file system", .hidden = true},
      {.name = "major", .type = kBig, .description = "Device, major number", .hidden = true},
      {.name = "minor", .type = kBig, .description = "Device, minor number", .hidden = true},
      {.name = "mount_id", .type = kBig, .description = "The kernel's number", .hidden = true},
      {.name = "parent_id", .type = kBig, .description = "Mount that it is on", .hidden = true},
  };
}

}  // namespace

Table mounts_table() {
  return {.name = "mounts",
          .description = "Mounted file systems",
          .columns = Columns(),
          .generate = GenerateMounts,
          .touches = TouchesOf};
}

}  // namespace tom
