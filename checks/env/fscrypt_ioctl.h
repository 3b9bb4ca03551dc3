// The kernel's own encryption of files (kernel: filesystems/fscrypt).
#ifndef TOM_CHECKS_ENV_FSCRYPT_IOCTL_H_
#define TOM_CHECKS_ENV_FSCRYPT_IOCTL_H_

#include <string>

#include "absl/status/statusor.h"

namespace tom {

// As Env::FscryptPolicy. Neither a key nor a right but opening the path is needed, and nothing is
// changed. FailedPrecondition: neither a directory nor a regular file.
absl::StatusOr<std::string> ReadFscryptPolicy(int root_fd, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_FSCRYPT_IOCTL_H_
