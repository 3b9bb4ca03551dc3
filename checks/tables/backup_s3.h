// Backups of kind s3: objects of a bucket, asked for over HTTP with signed requests.
#ifndef TOM_CHECKS_TABLES_BACKUP_S3_H_
#define TOM_CHECKS_TABLES_BACKUP_S3_H_

#include <vector>

#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_place.h"

namespace tom {

// Lists every object under the prefix (at most 50,000), and reads the beginning of the newest for
// how it is encrypted; what is no larger than 1 MiB is read whole. FailedPrecondition: others may
// read the file of credentials. Unimplemented in a dead tree.
absl::StatusOr<BackupContent> ExamineS3(Env& env, const DeclaredBackup& backup,
                                        const Declared& declared);

// Asks for the bucket's lock, versions, policy and access list.
absl::StatusOr<BackupPlace> PlaceOfS3(Env& env, const DeclaredBackup& backup,
                                      const Declared& declared);

std::vector<Touch> S3Touches(const DeclaredBackup& backup);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_S3_H_
