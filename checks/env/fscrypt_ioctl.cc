#include "checks/env/fscrypt_ioctl.h"

#include <fcntl.h>
#include <linux/fscrypt.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "checks/env/errno_status.h"
#include "checks/env/file_kind.h"
#include "checks/env/safe_open.h"
#include "checks/env/unique_fd.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status CheckKind(int fd, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return ErrnoStatus(errno, path);
  if (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(ToAbsl(path + ": neither a file nor a directory but a " +
                                              std::string(FileKindName(KindOfMode(info.st_mode)))));
}

// What says that nothing is encrypted: no policy, a file system without the feature, one without
// the call.
bool SaysNone(int error) { return error == ENODATA || error == EOPNOTSUPP || error == ENOTTY; }

// Kernels before 5.4 know the first version alone, and only this call.
absl::StatusOr<std::string> OldPolicy(int fd, const std::string& path) {
  fscrypt_policy_v1 policy;
  std::memset(&policy, 0, sizeof(policy));
  if (ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY, &policy) == 0) {
    return std::string(reinterpret_cast<const char*>(&policy), sizeof(policy));
  }
  if (SaysNone(errno)) return std::string();
  return ErrnoStatus(errno, path);
}

}  // namespace

absl::StatusOr<std::string> ReadFscryptPolicy(int root_fd, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const UniqueFd seen, SafeOpen(root_fd, path, O_PATH));
  TOM_RETURN_IF_ERROR(CheckKind(seen.get(), path));
  TOM_ASSIGN_OR_RETURN(const UniqueFd fd, SafeOpen(root_fd, path, O_RDONLY));
  TOM_RETURN_IF_ERROR(CheckKind(fd.get(), path));
  fscrypt_get_policy_ex_arg argument;
  std::memset(&argument, 0, sizeof(argument));
  argument.policy_size = sizeof(argument.policy);
  if (ioctl(fd.get(), FS_IOC_GET_ENCRYPTION_POLICY_EX, &argument) == 0) {
    const size_t size = std::min<size_t>(argument.policy_size, sizeof(argument.policy));
    return std::string(reinterpret_cast<const char*>(&argument.policy), size);
  }
  if (errno == ENOTTY) return OldPolicy(fd.get(), path);
  if (SaysNone(errno)) return std::string();
  return ErrnoStatus(errno, path);
}

}  // namespace tom
