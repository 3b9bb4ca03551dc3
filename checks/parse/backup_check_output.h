// What a repository's own program printed when it checked it, kept in a file by the job that ran
// it. Bytes -> values, no I/O; pure and thread-safe.
//
// Sources: `restic check [--read-data[-subset=…]]` of restic 0.14, `borg check -v [--verify-data]`
// of BorgBackup 1.2.
#ifndef TOM_CHECKS_PARSE_BACKUP_CHECK_OUTPUT_H_
#define TOM_CHECKS_PARSE_BACKUP_CHECK_OUTPUT_H_

#include <optional>
#include <string>
#include <string_view>

namespace tom {

struct BackupCheckOutput {
  std::optional<bool> passed;  // nothing: it says neither, or both
  std::string scope;           // structure, subset, data; empty where `passed` is nothing
};

// `kind` is restic or borg; of another kind nothing is understood. `data`: every byte was read
// (restic --read-data; borg's checks of the repository read all segments).
BackupCheckOutput ParseBackupCheckOutput(std::string_view kind, std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BACKUP_CHECK_OUTPUT_H_
