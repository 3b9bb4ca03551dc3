// Files that a person names on a command line: read whole, with a bound, and never waited for.
#ifndef TOM_EVIDENCE_READ_FILE_H_
#define TOM_EVIDENCE_READ_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace tom {

// The bytes of a regular file. NotFound, PermissionDenied, FailedPrecondition (a FIFO, device or
// folder, or over `max_bytes`); every message begins with the path.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes);

}  // namespace tom

#endif  // TOM_EVIDENCE_READ_FILE_H_
