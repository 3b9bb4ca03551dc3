// os-release(5): what a system says that it is. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_OS_RELEASE_H_
#define TOM_CHECKS_PARSE_OS_RELEASE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct OsRelease {
  std::map<std::string, std::string> fields;  // a later assignment wins, as in a shell
  std::vector<std::string> problems;          // "line 3: not NAME=value"; that line gives no field
};

// Values are plain, in single or in double quotes (there a backslash keeps $ " \ and `); a value
// of several quoted parts, or with an expansion, is a problem: the format has none. At most 1,000
// lines; blank ones and those that start with # count for nothing.
OsRelease ParseOsRelease(std::string_view text);

// The numbers at the start of "22.04.3 LTS": nothing where the text does not start with a digit.
struct VersionNumbers {
  std::optional<int64_t> major;
  std::optional<int64_t> minor;
  std::optional<int64_t> patch;
};
VersionNumbers ParseVersionNumbers(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_OS_RELEASE_H_
