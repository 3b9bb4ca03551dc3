// Files that nobody else may read.
#ifndef TOM_COLLECTOR_PKI_PRIVATE_FILE_H_
#define TOM_COLLECTOR_PKI_PRIVATE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tom {

// A new file of mode 0600, synced; AlreadyExists rather than overwriting, links are not followed.
absl::Status WritePrivateFile(const std::string& path, std::string_view bytes);
// Creates the folder (0700), or takes one that holds nothing but configuration (*.yaml) and makes
// it ours alone.
absl::Status MakePrivateDir(const std::string& path);
// PermissionDenied where group or others may read or write it.
absl::Status CheckPrivate(const std::string& path);

}  // namespace tom

#endif  // TOM_COLLECTOR_PKI_PRIVATE_FILE_H_
