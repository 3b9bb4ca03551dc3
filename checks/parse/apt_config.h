// apt.conf(5): a tree of named values. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_APT_CONFIG_H_
#define TOM_CHECKS_PARSE_APT_CONFIG_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace tom {

// Values as several files give them one after the other: the last wins, lists grow, #clear empties.
// Names are compared without regard to case.
class AptConfig {
 public:
  static constexpr size_t kMaxNodes = 20000;
  static constexpr size_t kMaxDepth = 32;

  // InvalidArgument names the line: a block or quote without an end, or what is no statement; what
  // stood before it holds. #include is such a line: apt reads another file there.
  absl::Status Read(std::string_view text);

  // The value, or `otherwise` where there is none or an empty one.
  std::string Value(std::string_view name, std::string_view otherwise = "") const;

  // The values of the list `name` ("Unattended-Upgrade::Origins-Pattern").
  std::vector<std::string> List(std::string_view name) const;

  // Every value that is not empty: names in lower case, a list's name once for each of its values.
  std::vector<std::pair<std::string, std::string>> All() const;

 private:
  struct Node {
    std::string value;
    std::vector<std::string> list;
  };
  friend class AptConfigReader;

  absl::Status Set(const std::string& name, std::string value);
  absl::Status Append(const std::string& name, std::string value);
  void Clear(std::string_view name);

  std::map<std::string, Node> nodes_;  // by name in lower case
  size_t values_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_APT_CONFIG_H_
