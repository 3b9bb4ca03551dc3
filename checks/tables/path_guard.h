// Whether anybody but root, or an owner who is named, can put something else in a file's place: by
// the file's own bits, or those of a directory on the way to it.
#ifndef TOM_CHECKS_TABLES_PATH_GUARD_H_
#define TOM_CHECKS_TABLES_PATH_GUARD_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "checks/env/env.h"

namespace tom {

// Remembers directories: for one scan.
class PathGuard {
 public:
  explicit PathGuard(Env& env) : env_(env) {}

  // Empty: nobody else can. Otherwise what lets them: "/opt/x may be written by every user". A
  // group's bit counts for group 0 as well: it is also what an access list shows as. A directory
  // with the sticky bit guards what is not theirs in it. Links are followed, and where they stand
  // counts as well. Fails as Env does.
  absl::StatusOr<std::string> Weakness(const std::string& path, uint32_t owner = 0);

 private:
  absl::StatusOr<std::string> OfDirectories(const std::string& path, uint32_t owner);
  absl::StatusOr<std::string> Of(const std::string& path, uint32_t owner, bool directory);

  Env& env_;
  std::map<std::pair<std::string, uint32_t>, std::string> known_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PATH_GUARD_H_
