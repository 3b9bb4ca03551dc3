// openssl.cnf (config(5) of OpenSSL 3). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_OPENSSL_CONFIG_H_
#define TOM_CHECKS_PARSE_OPENSSL_CONFIG_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct OpensslLine {
  std::string section;  // "" before the first one; of an include the one it stands in
  std::string name;     // ".include" of an include
  std::string value;
  int line = 0;
};

// InvalidArgument: a line that OpenSSL would refuse.
absl::StatusOr<std::vector<OpensslLine>> ParseOpensslConfig(std::string_view text,
                                                            const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_OPENSSL_CONFIG_H_
