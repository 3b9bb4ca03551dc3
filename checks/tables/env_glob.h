// glob(3) through Env: patterns over names in the examined root.
#ifndef TOM_CHECKS_TABLES_ENV_GLOB_H_
#define TOM_CHECKS_TABLES_ENV_GLOB_H_

#include <string>
#include <vector>

#include "checks/env/env.h"

namespace tom {

inline constexpr size_t kMaxGlobMatches = 10000;

struct GlobResult {
  std::vector<std::string> paths;  // sorted by bytes; links are not followed in the last component
  std::vector<std::string>
      problems;  // directories that could not be listed, or more matches than the bound
};

bool HasGlobCharacters(const std::string& pattern);

// `pattern` is absolute; `*`, `?`, `[…]` and `\` as in fnmatch(3), a leading dot only by itself.
// Names that cannot be looked up are problems, never left out silently; what is not there is no
// match.
GlobResult ExpandGlob(Env& env, const std::string& pattern);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_ENV_GLOB_H_
