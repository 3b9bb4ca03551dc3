// Configurations that are made of directives and blocks: nginx, Apache's httpd and Dovecot 2.3.
// Bytes -> values, no I/O; pure and thread-safe. Includes are directives like any other here: who
// reads files puts their content in place.
//
// InvalidArgument, naming path and line: the server would refuse the file, or it holds what is not
// read here. ResourceExhausted: more than the bounds allow.
#ifndef TOM_CHECKS_PARSE_CONFIG_TREE_H_
#define TOM_CHECKS_PARSE_CONFIG_TREE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxConfigDirectives = 200000;
inline constexpr size_t kMaxConfigNesting = 32;

struct ConfigDirective {
  std::string name;  // as written
  std::vector<std::string> arguments;
  std::string file;
  int line = 0;
  bool block = false;
  std::vector<ConfigDirective> children;
};

using ConfigTree = std::vector<ConfigDirective>;

// ngx_conf_file.c: words end at blanks, `;` and `{`; quotes of both kinds; `#` where a word may
// begin. Blocks of other languages (…_by_lua_block) are not read.
absl::StatusOr<ConfigTree> ParseNginxConfig(std::string_view text, const std::string& path);

// httpd's configuration files: a directive a line, `\` at its end goes on, <Section arguments> to
// </Section>. A section's name has no brackets.
absl::StatusOr<ConfigTree> ParseApacheConfig(std::string_view text, const std::string& path);

// doc.dovecot.org "Config file format" of 2.3: `key = value` is a directive with one argument,
// `name [argument] {` a block.
absl::StatusOr<ConfigTree> ParseDovecotConfig(std::string_view text, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CONFIG_TREE_H_
