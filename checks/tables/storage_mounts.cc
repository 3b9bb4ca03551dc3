#include "checks/tables/storage_mounts.h"

#include <fnmatch.h>

#include <algorithm>

#include "checks/tables/dm_facts.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/path_recorder.h"
#include "checks/tables/storage_walk.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr char kMeasure[] = "encryption-at-rest";
constexpr char kPurpose[] = "storage and its encryption";

void WalkAll(Env& env, const Declared& declared) {
  const auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) return;
  StorageWalk walk(env, mounts->info.entries);
  for (const MountEntry& mount : mounts->info.entries) {
    if (!StorageWalk::IsPseudo(mount.fs_type)) walk.OfMount(mount);
  }
  for (const DeclaredPath& data : declared.data_paths) {
    if (const auto real = RealPath(env, data.path); real.ok()) walk.OfTree(*real);
  }
  const auto swaps = env.ReadFile("/proc/swaps", 1 << 20);
  if (!swaps.ok()) return;
  for (const SwapEntry& swap : ParseSwaps(*swaps).entries) walk.OfSwap(swap);
}

std::vector<Touch> ProgramTouches() {
  std::vector<Touch> touches = MappingTouches();
  for (const char* program : {"/usr/sbin/zfs", "/usr/sbin/zpool"}) {
    touches.push_back({TouchKind::kProgram, program, "encryption of mounted ZFS datasets"});
    Append(touches, ProgramsFiles({"/dev/zfs", "/etc/zfs/**", "/proc/self/**", "/dev/**",
                                   "/sys/module/zfs/**", "/etc/mtab", "/etc/hostid"},
                                  program));
  }
  return touches;
}

}  // namespace

absl::StatusOr<StorageMounts> ReadStorageMounts(Env& env) {
  absl::Status first;
  for (const char* path : {"/proc/1/mountinfo", "/proc/self/mountinfo"}) {
    const auto text = env.ReadFile(path);
    if (text.ok()) return StorageMounts{ParseMountInfo(*text), path};
    if (first.ok()) first = text.status();
  }
  return first;
}

std::string StorageDocument(const Declared& declared, const std::vector<std::string>& names) {
  for (const DeclaredDocument& document : declared.documents) {
    if (document.measure != kMeasure) continue;
    for (const std::string& name : names) {
      if (fnmatch(document.subject.c_str(), name.c_str(), 0) == 0) return document.document;
    }
  }
  return "";
}

std::vector<Touch> StorageTouches(Env& env, const Declared& declared) {
  std::vector<Touch> touches =
      FileTouches({"/proc/1/mountinfo", "/proc/self/mountinfo", "/proc/swaps", "/etc/crypttab",
                   "/sys/dev/block/**", "/sys/class/block", "/sys/class/block/**", "/sys/fs/btrfs",
                   "/sys/fs/btrfs/**", "/dev/**"},
                  kPurpose);
  const size_t patterns = touches.size();
  PathRecorder recorder(env);
  WalkAll(recorder, declared);
  for (const std::string& path : recorder.paths()) {
    const bool said =
        std::any_of(touches.begin(), touches.begin() + static_cast<std::ptrdiff_t>(patterns),
                    [&](const Touch& touch) { return TouchMatches(touch.target, path); });
    if (!said && path[0] == '/') touches.push_back({TouchKind::kFile, path, kPurpose});
  }
  if (env.mode() == RootMode::kLive) Append(touches, ProgramTouches());
  return touches;
}

}  // namespace tom
