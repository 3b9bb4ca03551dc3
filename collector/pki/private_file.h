// Files that nobody else may read.
#ifndef TOM_COLLECTOR_PKI_PRIVATE_FILE_H_
#define TOM_COLLECTOR_PKI_PRIVATE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tom {

// A new file of mode 0600, synced; AlreadyExists rather than overwriting, links are not followed.
absl::Status WritePrivateFile(const std::string& path, std::string_view bytes);
// Creates the folder (0700), or takes one that holds nothing but configuration (*.yaml) and makes
// it ours alone.
absl::Status MakePrivateDir(const std::string& path);
// A regular file of at most `max_bytes` that group and others may neither read nor write, judged
// and read through one descriptor. NotFound, PermissionDenied, FailedPrecondition (a FIFO, device,
// folder, or too big); every message begins with the path.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, size_t max_bytes);
// PermissionDenied where group or others may read or write it.
absl::Status CheckPrivate(const std::string& path);

}  // namespace tom

#endif  // TOM_COLLECTOR_PKI_PRIVATE_FILE_H_
