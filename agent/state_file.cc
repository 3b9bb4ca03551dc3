#include "agent/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "evidence/status_text.h"

namespace tom {

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int OwnedFd::Release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

void OwnedFd::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status FileError(const std::string& path, std::string_view problem) {
  const int error = errno;
  const std::string message = path + ": " + std::string(problem) + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
    case ELOOP:
      return absl::PermissionDeniedError(message);
    case ENOSPC:
    case EDQUOT:
    case EROFS:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(path, "cannot write");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncFile(int fd, const std::string& path) {
  if (fsync(fd) != 0) return FileError(path, "cannot make durable");
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const OwnedFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return FileError(folder, "cannot open the folder");
  return SyncFile(fd.get(), folder);
}

absl::Status WriteAtomic(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  TOM_RETURN_IF_ERROR(RemoveFile(temporary));
  {
    const OwnedFd fd(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.ok()) return FileError(temporary, "cannot create");
    TOM_RETURN_IF_ERROR(WriteAll(fd.get(), bytes, temporary));
    TOM_RETURN_IF_ERROR(SyncFile(fd.get(), temporary));
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) return FileError(path, "cannot replace");
  return SyncFolderOf(path);
}

absl::Status CheckOwnAndPrivate(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return FileError(path, "cannot examine");
  if (!S_ISREG(facts.st_mode)) return absl::PermissionDeniedError(path + ": is not a plain file");
  if (facts.st_uid != geteuid()) {
    return absl::PermissionDeniedError(path + ": belongs to another user");
  }
  if ((facts.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(path +
                                       ": is open to group or others; its mode must be 0600");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadStateFile(const std::string& path, size_t max_bytes) {
  const OwnedFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.ok()) return FileError(path, "cannot open");
  TOM_RETURN_IF_ERROR(CheckOwnAndPrivate(fd.get(), path));
  std::string bytes;
  char buffer[64 << 10];
  while (true) {
    const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path, "cannot read");
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
    if (bytes.size() > max_bytes) {
      return absl::OutOfRangeError(path + ": is larger than " + std::to_string(max_bytes) +
                                   " bytes");
    }
  }
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return FileError(path, "cannot remove");
  return absl::OkStatus();
}

}  // namespace tom
