// The kinds of declared backups that can be examined: each gives what there is of one backup.
#ifndef TOM_CHECKS_TABLES_BACKUP_KINDS_H_
#define TOM_CHECKS_TABLES_BACKUP_KINDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/declared.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

inline constexpr size_t kMaxListedSnapshots = 10;  // the newest and some before it

struct BackupSnapshot {
  std::string id;  // of the snapshot, or the file's path
  UnixSeconds time = 0;
  int64_t nanos = 0;  // of that second, where it is told
  std::optional<int64_t> size_bytes;
  std::optional<bool> encrypted;
  std::optional<bool> complete;
  std::string format;
  std::string content;             // of a compressed file the format of what is in it
  std::string doubt;               // why `complete` or `encrypted` is not known
  std::vector<std::string> paths;  // what it holds, where it tells
  bool tells_paths = false;        // `paths` is all that it has to tell, even if that is nothing
};

struct BackupContent {
  int64_t found = 0;  // how many there are in all
  std::vector<BackupSnapshot>
      snapshots;  // newest first, at most kMaxListedSnapshots; only the first is looked into
};

// Regular files that the glob `path` matches, never through a link in the last place; the time is
// the file's.
// `paths` are those of the declared paths that members of a tar or zip archive lie in, named from
// the root on; where all names are relative to another folder it does not tell.
absl::StatusOr<BackupContent> ExamineFiles(Env& env, const DeclaredBackup& backup,
                                           const Declared& declared);

// A local repository: restic's own list of snapshots, after a walk that refuses whatever is no
// directory and no regular file. Up to kMaxVerifiedBytes every file is held against its name, which
// is its SHA-256, and `restic check` says whether all that snapshots need is there; of a larger one
// `complete` stays unknown. In another root it is the host's own restic that reads, and it sees
// nothing but the repository and the password. DataLoss: damaged, and nothing can be listed.
// Each run of restic costs most of a second of deriving its key: from `costly_until_ms` of the
// monotonic clock on nothing is read through or measured that is not remembered, and the next look
// goes on from there.
// `paths` of the newest snapshot are those of the declared ones that it holds.
absl::StatusOr<BackupContent> ExamineRestic(Env& env, const DeclaredBackup& backup,
                                            const Declared& declared, int64_t costly_until_ms);

// A local repository, read as files without the program (borg_format.h), after the same walk; its
// key with the passphrase, its list of archives, and all of the newest archive's files. `paths` are
// the declared data paths in it. DataLoss where so much is damaged that nothing can be listed.
absl::StatusOr<BackupContent> ExamineBorg(Env& env, const DeclaredBackup& backup,
                                          const Declared& declared);

// Catalogues of backups of PostgreSQL, as files, or what their programs printed (info_file). That
// all is there is looked at as far as a catalogue tells: manifests, and the logs that a copy needs.
absl::StatusOr<BackupContent> ExaminePgBackRest(Env& env, const DeclaredBackup& backup);
absl::StatusOr<BackupContent> ExamineBarman(Env& env, const DeclaredBackup& backup);

// Snapshots of the dataset `repository`: what zfs lists, or has listed (info_file).
absl::StatusOr<BackupContent> ExamineZfs(Env& env, const DeclaredBackup& backup);

// What `btrfs subvolume show` has printed of snapshots (info_file), those that cannot be written
// to.
absl::StatusOr<BackupContent> ExamineBtrfs(Env& env, const DeclaredBackup& backup);

// What examining this one touches.
std::vector<Touch> CatalogueTouches(const DeclaredBackup& backup);
std::vector<Touch> ZfsTouches(const DeclaredBackup& backup);
std::vector<Touch> ResticTouches(const DeclaredBackup& backup);
std::vector<Touch> BorgTouches(const DeclaredBackup& backup);

// The output of `restic snapshots --json`.
absl::StatusOr<BackupContent> ParseResticSnapshots(std::string_view json);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_KINDS_H_
