// Files of the agent's state: written whole or not at all, read only when nobody else could have
// written them.
#ifndef TOM_AGENT_STATE_FILE_H_
#define TOM_AGENT_STATE_FILE_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tom {

// A file descriptor that closes itself.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.Release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd() { Close(); }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  int Release();
  void Close();

 private:
  int fd_ = -1;
};

// "PATH: problem: strerror", with the code that fits errno.
absl::Status FileError(const std::string& path, std::string_view problem);

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path);
absl::Status SyncFile(int fd, const std::string& path);
// Makes renames and creations in the folder of `path` durable.
absl::Status SyncFolderOf(const std::string& path);

// Replaces `path` by `bytes`: temporary file beside it, mode 0600, fsync, rename, fsync of the
// folder. After a crash at any moment the file is the old or the new one; a temporary that was left
// behind is overwritten by the next write.
absl::Status WriteAtomic(const std::string& path, std::string_view bytes);

// The whole file. NotFound when there is none; PermissionDenied when it is no plain file, belongs
// to another user or is open to group or others; OutOfRange over `max_bytes`. A FIFO or a symbolic
// link is refused, never followed or waited for.
absl::StatusOr<std::string> ReadStateFile(const std::string& path, size_t max_bytes);

// The same checks on an open descriptor.
absl::Status CheckOwnAndPrivate(int fd, const std::string& path);

// Gone or never there is both fine.
absl::Status RemoveFile(const std::string& path);

}  // namespace tom

#endif  // TOM_AGENT_STATE_FILE_H_
