#include "collector/pki/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status Errno(const std::string& path, int code) {
  const std::string message = path + ": " + std::strerror(code);
  if (code == EEXIST) return absl::AlreadyExistsError(message);
  if (code == ENOENT) return absl::NotFoundError(message);
  return absl::PermissionDeniedError(message);
}

absl::Status WriteAll(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Errno(path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Errno(path, errno);
}

absl::StatusOr<std::string> ReadPrivate(int fd, const std::string& path, size_t max_bytes) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Errno(path, errno);
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError(path + ": no regular file");
  if ((info.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(path + ": can be read by others (expected mode 0600)");
  }
  std::string out(max_bytes + 1, '\0');
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = read(fd, out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Errno(path, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  if (filled > max_bytes) {
    return absl::FailedPreconditionError(path + ": over " + std::to_string(max_bytes) + " bytes");
  }
  out.resize(filled);
  return out;
}

}  // namespace

absl::Status WritePrivateFile(const std::string& path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return Errno(path, errno);
  absl::Status status = WriteAll(fd, path, bytes);
  close(fd);
  return status;
}

absl::Status MakePrivateDir(const std::string& path) {
  std::error_code error;
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) return Errno(path, errno);
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path, error))) {
    return absl::AlreadyExistsError(path + ": is no folder");
  }
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == ".yaml" && entry.path().filename() != "tomctl.yaml") continue;
    return absl::AlreadyExistsError(path + ": is not empty");
  }
  return chmod(path.c_str(), 0700) == 0 ? absl::OkStatus() : Errno(path, errno);
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return Errno(path, errno);
  absl::StatusOr<std::string> bytes = ReadPrivate(fd, path, max_bytes);
  close(fd);
  return bytes;
}

absl::Status CheckPrivate(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return Errno(path, errno);
  if ((info.st_mode & 077) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(path + ": can be read by others (expected mode 0600)");
}

}  // namespace tom
