// The real Env.
#ifndef TOM_CHECKS_ENV_ENV_POSIX_H_
#define TOM_CHECKS_ENV_ENV_POSIX_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/env/programs.h"

namespace tom {

// `root` is "/" for kLive. Fails when it is no directory that can be opened. A program that is in
// `prepared` is not run: what it said is given.
absl::StatusOr<std::unique_ptr<Env>> OpenPosixEnv(RootMode mode, const std::string& root,
                                                  PreparedPrograms prepared = {});

}  // namespace tom

#endif  // TOM_CHECKS_ENV_ENV_POSIX_H_
