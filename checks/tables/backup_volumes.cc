// Backups of kinds zfs and btrfs: snapshots, as their own programs list them.
#include <algorithm>

#include "checks/engine/clean_text.h"
#include "checks/parse/btrfs_snapshots.h"
#include "checks/parse/zfs_snapshots.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kZfs[] = "/usr/sbin/zfs";
constexpr char kShared[] =
    "a snapshot shares its blocks with the live data: a scrub of the file system reads them";

BackupContent Content(std::vector<ZfsSnapshot> list) {
  std::stable_sort(list.begin(), list.end(), [](const ZfsSnapshot& a, const ZfsSnapshot& b) {
    return a.created > b.created;
  });
  BackupContent content;
  content.found = static_cast<int64_t>(list.size());
  for (const ZfsSnapshot& snapshot : list) {
    if (content.snapshots.size() == kMaxListedSnapshots) break;
    BackupSnapshot one;
    one.id = snapshot.name;
    one.time = snapshot.created;
    one.size_bytes = snapshot.referenced;
    one.encrypted = snapshot.encrypted;
    one.format = "zfs";
    one.doubt = kShared;
    content.snapshots.push_back(std::move(one));
  }
  return content;
}

}  // namespace

absl::StatusOr<BackupContent> ExamineZfs(Env& env, const DeclaredBackup& backup) {
  const std::string& dataset = backup.repository.empty() ? backup.path : backup.repository;
  if (!IsZfsDatasetName(dataset)) return BadData("repository: no name of a dataset");
  if (!backup.info_file.empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(backup.info_file, 16 << 20));
    auto list = ParseZfsSnapshots(text, dataset);
    if (!list.ok()) return Annotate(list.status(), backup.info_file);
    return Content(*std::move(list));
  }
  TOM_ASSIGN_OR_RETURN(
      const ProgramResult result,
      env.RunProgram({.path = kZfs,
                      .arguments = {"list", "-H", "-p", "-t", "snapshot", "-d", "1", "-o",
                                    "name,creation,referenced,encryption", dataset},
                      .environment = {}}));
  if (result.exit_status != 0) {
    return absl::UnavailableError(
        ToAbsl("zfs list ended with " + std::to_string(result.exit_status) + ": " +
               CleanText(result.error.substr(0, result.error.find('\n')), 200)));
  }
  TOM_ASSIGN_OR_RETURN(std::vector<ZfsSnapshot> list, ParseZfsSnapshots(result.output, dataset));
  return Content(std::move(list));
}

absl::StatusOr<BackupContent> ExamineBtrfs(Env& env, const DeclaredBackup& backup) {
  if (backup.info_file.empty()) {
    return absl::UnimplementedError(
        "the kernel shows when btrfs' snapshots were made to CAP_SYS_ADMIN alone: let btrfs "
        "subvolume show write an info_file");
  }
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(backup.info_file, 16 << 20));
  auto list = ParseBtrfsSnapshots(text);
  if (!list.ok()) return Annotate(list.status(), backup.info_file);
  std::stable_sort(list->begin(), list->end(), [](const BtrfsSnapshot& a, const BtrfsSnapshot& b) {
    return a.created > b.created;
  });
  BackupContent content;
  for (const BtrfsSnapshot& snapshot : *list) {
    if (!snapshot.read_only) continue;  // what can be written to is another place to work in
    ++content.found;
    if (content.snapshots.size() == kMaxListedSnapshots) continue;
    BackupSnapshot one;
    one.id = snapshot.path;
    one.time = snapshot.created;
    one.format = "btrfs";
    one.doubt = kShared;
    content.snapshots.push_back(std::move(one));
  }
  return content;
}

std::vector<Touch> ZfsTouches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  if (!backup.info_file.empty()) return PathTouches(backup.info_file, purpose);
  std::vector<Touch> touches = {{TouchKind::kProgram, kZfs, purpose}};
  Append(touches, ProgramsFiles({"/dev/zfs", "/etc/zfs/**", "/proc/self/**", "/dev/**",
                                 "/sys/module/zfs/**", "/etc/mtab", "/etc/hostid"},
                                "zfs"));
  return touches;
}

}  // namespace tom
