// postgresql.conf and pg_hba.conf (PostgreSQL's documentation, chapters 20 and 21). Bytes ->
// values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_POSTGRES_CONFIG_H_
#define TOM_CHECKS_PARSE_POSTGRES_CONFIG_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct PostgresSetting {
  std::string name;  // in lower case; also include, include_if_exists, include_dir
  std::string value;
  int line = 0;
};

// InvalidArgument: a line that the server would refuse.
absl::StatusOr<std::vector<PostgresSetting>> ParsePostgresConfig(std::string_view text,
                                                                 const std::string& path);

struct PostgresAccess {
  std::string type;  // local, host, hostssl, hostnossl, hostgssenc, hostnogssenc, include, …
  std::string database;
  std::string user;
  std::string address;  // with its mask behind a slash, where that stands apart; empty for local
  std::string method;
  int line = 0;
};

absl::StatusOr<std::vector<PostgresAccess>> ParsePostgresAccess(std::string_view text,
                                                                const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_POSTGRES_CONFIG_H_
