// What pgBackRest and Barman keep and print about their backups of PostgreSQL. Bytes -> values, no
// I/O; pure and thread-safe.
//
// Sources: pgBackRest 2.45, `info --output=json` and the repository's backup.info; Barman 3.4,
// `list-backup` and `show-backup` with `-f json`, and base/ID/backup.info of its folder.
#ifndef TOM_CHECKS_PARSE_BACKUP_CATALOGUES_H_
#define TOM_CHECKS_PARSE_BACKUP_CATALOGUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

struct CatalogueBackup {
  std::string label;
  UnixSeconds time = 0;  // when it ended
  std::optional<int64_t> size_bytes;
  std::optional<bool> encrypted;
  bool faulty = false;     // its program says that something in it is wrong
  std::string waits;       // why it cannot be used yet
  std::string wal_folder;  // pgBackRest: "15-1", where what it needs lies
  std::string first_wal;   // the logs that make it consistent; empty where it is not told
  std::string last_wal;
};

// NotFound: the stanza or server is not in it. InvalidArgument: another form. Backups that broke
// off, and that their programs do not count as any, are left out.
absl::StatusOr<std::vector<CatalogueBackup>> ParsePgBackRestJson(std::string_view text,
                                                                 const std::string& stanza);
absl::StatusOr<std::vector<CatalogueBackup>> ParsePgBackRestCatalogue(std::string_view text);
absl::StatusOr<std::vector<CatalogueBackup>> ParseBarmanJson(std::string_view text,
                                                             const std::string& server);
// One backup; nothing: it broke off.
absl::StatusOr<std::optional<CatalogueBackup>> ParseBarmanBackupInfo(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BACKUP_CATALOGUES_H_
