// errno -> absl::Status, with the codes that env.h promises.
#ifndef TOM_CHECKS_ENV_ERRNO_STATUS_H_
#define TOM_CHECKS_ENV_ERRNO_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace tom {

// "what: No such file or directory (ENOENT)". `error` is not 0.
absl::Status ErrnoStatus(int error, std::string_view what);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_ERRNO_STATUS_H_
