// Patterns over paths as osquery's `file` table has them: `%` is any run of characters inside one
// name, `%%` as the last name is everything below. Other characters, `_` too, stand for
// themselves. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_PATH_PATTERN_H_
#define TOM_CHECKS_PARSE_PATH_PATTERN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct PathPattern {
  std::vector<std::string> names;  // between slashes; "%%" is not among them
  bool below = false;              // ends in "%%"
};

// InvalidArgument: not absolute, a NUL, more than 64 names, or "%%" anywhere but as the last name.
absl::StatusOr<PathPattern> ParsePathPattern(std::string_view text);

// Whether `name` has the form of `pattern` (one name of a PathPattern).
bool NameMatches(std::string_view pattern, std::string_view name);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PATH_PATTERN_H_
