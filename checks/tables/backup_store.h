// What the kinds of backups that lie in directories have in common: a walk that refuses what has no
// place there, and how much of them is read through.
#ifndef TOM_CHECKS_TABLES_BACKUP_STORE_H_
#define TOM_CHECKS_TABLES_BACKUP_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"

namespace tom {

// A repository up to this size is read through to tell whether it is whole, in at most this time;
// of a larger one that stays unknown, for the check runs every hour.
inline constexpr uint64_t kMaxVerifiedBytes = uint64_t{256} << 20;
inline constexpr int64_t kMaxVerifyMs = 12000;

struct StoredFile {
  std::string path;
  uint64_t size = 0;
  UnixSeconds modified = 0;
  uint32_t mode = 0;
  UnixSeconds changed = 0;  // of the inode
  uint64_t inode = 0;
};

// Absolute and plain. Unimplemented where it is no local path at all (a URL, another machine's).
absl::Status CheckStorePath(const std::string& path, const char* what);

// All regular files below `top`. FailedPrecondition where anything there is neither a directory nor
// a regular file (a link could lead a program out of the root, a FIFO make it wait), or `top` is no
// directory; ResourceExhausted beyond 200,000 entries or `max_depth` directories.
absl::StatusOr<std::vector<StoredFile>> WalkStore(Env& env, const std::string& top,
                                                  int max_depth = 4);

// The content of a small regular file without its last line feed: a password.
absl::StatusOr<std::string> ReadSecretLine(Env& env, const std::string& path);

// "of 3 GiB only repositories up to 256 MiB are read through …"
std::string TooLargeToVerify(uint64_t bytes);

// `path` is `top` or lies below it.
bool LiesBelow(const std::string& path, std::string top);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_STORE_H_
