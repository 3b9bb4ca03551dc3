// Debian's order of versions (deb-version(7), policy 5.6.12), as dpkg --compare-versions has it.
// Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_DEB_VERSION_H_
#define TOM_CHECKS_PARSE_DEB_VERSION_H_

#include <string_view>

namespace tom {

// Negative, 0 or positive as `one` is older than, the same as or newer than `other`.
int CompareDebVersions(std::string_view one, std::string_view other);

// What follows the last hyphen; empty where there is none.
std::string_view DebRevision(std::string_view version);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DEB_VERSION_H_
