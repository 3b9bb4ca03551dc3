#include "checks/env/errno_status.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
      return absl::StatusCode::kPermissionDenied;
    case ELOOP:
    case EXDEV:
    case EISDIR:
    case ENXIO:
    case EINVAL:
    case ENAMETOOLONG:
      return absl::StatusCode::kFailedPrecondition;
    case EFBIG:
    case E2BIG:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status ErrnoStatus(int error, std::string_view what) {
  const char* text = strerrordesc_np(error);
  const char* name = strerrorname_np(error);
  std::string message(what);
  message += ": " + std::string(text != nullptr ? text : "unknown error");
  message += " (" + std::string(name != nullptr ? name : std::to_string(error)) + ")";
  return {CodeOf(error), ToAbsl(message)};
}

}  // namespace tom
