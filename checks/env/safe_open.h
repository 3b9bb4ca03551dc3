// Opening a path inside a root so that neither links nor special files can lead elsewhere
// (openat2(2)).
#ifndef TOM_CHECKS_ENV_SAFE_OPEN_H_
#define TOM_CHECKS_ENV_SAFE_OPEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "checks/env/unique_fd.h"

namespace tom {

// openat2 with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS; O_CLOEXEC, O_NONBLOCK and O_NOCTTY are
// added to `flags`. An absolute path, and every link on the way, starts at `root_fd`. A path with a
// NUL is FailedPrecondition.
absl::StatusOr<UniqueFd> SafeOpen(int root_fd, const std::string& path, int flags);

// A regular file for reading; FailedPrecondition names what else is there.
absl::StatusOr<UniqueFd> SafeOpenRegular(int root_fd, const std::string& path);

// The same, or with `devices` a block device, for reading.
absl::StatusOr<UniqueFd> SafeOpenStored(int root_fd, const std::string& path, bool devices);

// Up to `bytes` from `offset` on, fewer where `fd` ends before. `path` names it in errors.
absl::StatusOr<std::string> ReadAt(int fd, const std::string& path, uint64_t offset, size_t bytes);

// Up to `max_bytes` from `fd`, to the end; ResourceExhausted when there is more. `path` names it in
// errors.
absl::StatusOr<std::string> ReadAll(int fd, const std::string& path, size_t max_bytes);

// A regular file of the machine the program runs on, named by whoever started it (configuration,
// keys): links are followed, relative paths start at the working directory, devices and FIFOs are
// refused.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_bytes);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_SAFE_OPEN_H_
