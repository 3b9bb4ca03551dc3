// main.cf and master.cf of Postfix (postconf(5), master(5)). Bytes -> values, no I/O; pure and
// thread-safe.
#ifndef TOM_CHECKS_PARSE_POSTFIX_CONFIG_H_
#define TOM_CHECKS_PARSE_POSTFIX_CONFIG_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

// name -> value; the last of several holds. A line that starts with a blank goes on with the line
// before it; a comment between them does not end that. InvalidArgument: a line that is no setting.
absl::StatusOr<std::map<std::string, std::string>> ParsePostfixMain(std::string_view text,
                                                                    const std::string& path);

struct PostfixService {
  std::string name;
  std::string type;                               // inet unix unix-dgram fifo pass
  std::string command;                            // the program's name
  std::map<std::string, std::string> parameters;  // of -o
  int line = 0;
};

absl::StatusOr<std::vector<PostfixService>> ParsePostfixMaster(std::string_view text,
                                                               const std::string& path);

// `value` with $name, ${name} and $(name) replaced, which may hold some themselves.
// InvalidArgument: a condition (${name?text}), a name that leads to itself, or more than 64 KiB. A
// name that is not in `values` is empty.
absl::StatusOr<std::string> ExpandPostfix(const std::string& value,
                                          const std::map<std::string, std::string>& values);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_POSTFIX_CONFIG_H_
