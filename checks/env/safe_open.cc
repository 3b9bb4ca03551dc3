#include "checks/env/safe_open.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "checks/env/errno_status.h"
#include "checks/env/file_kind.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kTries = 32;  // EAGAIN: a rename raced with the resolution of ".."

int OpenAt2(int root_fd, const std::string& path, int flags) {
  open_how how;
  std::memset(&how, 0, sizeof(how));
  how.flags = static_cast<uint64_t>(flags);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  for (int i = 0; i < kTries; ++i) {
    const long fd = syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof(how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(fd);
  }
  return -1;
}

absl::Status CheckRegular(int fd, const std::string& path, bool devices = false) {
  struct stat info;
  if (fstat(fd, &info) != 0) return ErrnoStatus(errno, path);
  if (S_ISREG(info.st_mode) || (devices && S_ISBLK(info.st_mode))) return absl::OkStatus();
  return absl::FailedPreconditionError(ToAbsl(path + ": not a regular file but a " +
                                              std::string(FileKindName(KindOfMode(info.st_mode)))));
}

}  // namespace

absl::StatusOr<UniqueFd> SafeOpen(int root_fd, const std::string& path, int flags) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return absl::FailedPreconditionError("a path that is empty or holds a NUL");
  }
  // With O_PATH the kernel refuses every flag but these (open_how is checked, unlike open's flags).
  const bool only_path = (flags & O_PATH) != 0;
  flags |= O_CLOEXEC | (only_path ? 0 : O_NONBLOCK | O_NOCTTY);
  // A look leaves no time of access behind where the kernel lets it: on files of one's own.
  UniqueFd fd(OpenAt2(root_fd, path, flags | (only_path ? 0 : O_NOATIME)));
  if (!fd && errno == EPERM && !only_path) fd = UniqueFd(OpenAt2(root_fd, path, flags));
  if (!fd) return ErrnoStatus(errno, path);
  return fd;
}

absl::StatusOr<UniqueFd> SafeOpenRegular(int root_fd, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_fd, path, O_RDONLY));
  TOM_RETURN_IF_ERROR(CheckRegular(fd.get(), path));
  return fd;
}

absl::StatusOr<UniqueFd> SafeOpenStored(int root_fd, const std::string& path, bool devices) {
  // A look before the open: opening a character device or a FIFO can already do something.
  TOM_ASSIGN_OR_RETURN(UniqueFd seen, SafeOpen(root_fd, path, O_PATH));
  TOM_RETURN_IF_ERROR(CheckRegular(seen.get(), path, devices));
  TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_fd, path, O_RDONLY));
  TOM_RETURN_IF_ERROR(CheckRegular(fd.get(), path, devices));
  return fd;
}

absl::StatusOr<std::string> ReadAt(int fd, const std::string& path, uint64_t offset, size_t bytes) {
  std::string read_bytes(bytes, '\0');
  size_t have = 0;
  while (have < bytes) {
    const ssize_t got =
        pread(fd, read_bytes.data() + have, bytes - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  read_bytes.resize(have);
  return read_bytes;
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path, size_t max_bytes) {
  static constexpr size_t kChunk = 64 << 10;
  struct stat info;
  const size_t expected = fstat(fd, &info) == 0 ? static_cast<size_t>(info.st_size) : 0;
  std::string bytes;
  while (true) {
    const size_t have = bytes.size();
    // Of a small file one byte more than it says it has, to see its end; those of /proc say 0.
    const bool small = expected != 0 && expected < kChunk && have <= expected;
    const size_t want = std::min(small ? expected + 1 - have : kChunk, max_bytes - have + 1);
    bytes.resize(have + want);
    const ssize_t got = read(fd, bytes.data() + have, want);
    if (got < 0 && errno == EINTR) {
      bytes.resize(have);
      continue;
    }
    if (got < 0) return ErrnoStatus(errno, path);
    bytes.resize(have + static_cast<size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return absl::ResourceExhaustedError(
          ToAbsl(path + ": larger than " + std::to_string(max_bytes) + " bytes"));
    }
  }
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_bytes) {
  if (path.find('\0') != std::string::npos) {
    return absl::FailedPreconditionError("a path that holds a NUL");
  }
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return ErrnoStatus(errno, path);
  TOM_RETURN_IF_ERROR(CheckRegular(fd.get(), path));
  return ReadAll(fd.get(), path, max_bytes);
}

}  // namespace tom
