#include "agent/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "checks/env/errno_status.h"
#include "checks/env/unique_fd.h"

namespace tom {
namespace {

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return ErrnoStatus(errno, name);
    if (put > 0) bytes.remove_prefix(static_cast<size_t>(put));
  }
  return absl::OkStatus();
}

bool IsReplaceable(const std::string& file) {
  struct stat info;
  return lstat(file.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

}  // namespace

absl::Status WriteOutput(const std::string& file, std::string_view bytes) {
  if (file.empty() || file == "-") return WriteAll(STDOUT_FILENO, bytes, "standard output");
  if (!IsReplaceable(file)) {  // /dev/stdout and the like
    const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    return fd ? WriteAll(fd.get(), bytes, file) : ErrnoStatus(errno, file);
  }
  std::string beside = file + ".XXXXXX";
  const UniqueFd fd(mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, file);
  absl::Status status = WriteAll(fd.get(), bytes, file);
  if (status.ok() && rename(beside.c_str(), file.c_str()) != 0) status = ErrnoStatus(errno, file);
  if (!status.ok()) unlink(beside.c_str());
  return status;
}

bool WantsColor(bool no_color_flag, const std::string& file) {
  const char* no_color = getenv("NO_COLOR");
  const bool asked_not = no_color != nullptr && no_color[0] != '\0';
  return !no_color_flag && !asked_not && (file.empty() || file == "-") &&
         isatty(STDOUT_FILENO) == 1;
}

}  // namespace tom
