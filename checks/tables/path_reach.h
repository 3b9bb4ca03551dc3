// Whether users without rights of their own can get as far as a file: every directory on the way
// has to let others pass.
#ifndef TOM_CHECKS_TABLES_PATH_REACH_H_
#define TOM_CHECKS_TABLES_PATH_REACH_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "checks/env/env.h"

namespace tom {

// `path` with every link resolved, the last one too. Fails as Env does, and with FailedPrecondition
// after 40 links. REQUIRES: `path` is absolute.
absl::StatusOr<std::string> RealPath(Env& env, const std::string& path);

// Remembers what it found: for one scan.
class PathReach {
 public:
  explicit PathReach(Env& env) : env_(env) {}

  // Nothing when a directory on the way cannot be examined. The file's own bits do not count.
  std::optional<bool> OthersReach(const std::string& path);

 private:
  std::optional<bool> OthersPass(const std::string& real_directory);

  Env& env_;
  std::map<std::string, std::string> real_;            // directory as named -> real; "" unknown
  std::map<std::string, std::optional<bool>> passes_;  // by real directory
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PATH_REACH_H_
