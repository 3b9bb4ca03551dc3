// Questions to database servers of this host: the part of Env (env.h) that speaks PostgreSQL and
// MySQL/MariaDB, through libpq and libmariadb. They are loaded when the first question is asked;
// where they are not installed nothing is.
//
// Only sockets in the file system and loopback addresses; no TLS, Kerberos, configuration file,
// password in clear or upload (LOCAL INFILE) whatever the server asks for. Every session is
// read-only and its statements end by themselves: default_transaction_read_only, statement_timeout,
// max_statement_time. The role should not be able to write in the first place.
#ifndef TOM_CHECKS_ENV_DATABASE_H_
#define TOM_CHECKS_ENV_DATABASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct DatabaseRequest {
  enum class Kind { kPostgres, kMysql };
  Kind kind = Kind::kPostgres;
  std::string host;  // PostgreSQL: the socket's directory, MySQL: the socket; or a loopback address
  int64_t port = 0;
  std::string user;
  std::string password_file;  // in the examined root; empty = none is sent
  std::string database;       // may be empty for MySQL
  std::string server_user;    // that must own the other end of a PostgreSQL socket; empty: any
  std::vector<std::string> queries;  // one statement each
  int64_t deadline_ms = 5000;        // for all of it
  size_t max_rows = 20000;           // of each
  size_t max_bytes = 8 << 20;        // of values, of all
};

struct DatabaseRows {
  std::string error;  // of this statement alone, as the server says it; empty = it was answered
  bool cut = false;   // there are more rows than the bound
  std::vector<std::vector<std::optional<std::string>>> rows;
};

// One a query, in order.
using DatabaseAnswer = std::vector<DatabaseRows>;

// "" or why the door does not go there: a name, an address of elsewhere, a relative path.
std::string DatabaseHostProblem(const std::string& host);

// What `password` holds is sent, its file is not looked at. InvalidArgument: DatabaseHostProblem;
// Unavailable: no answer, not let in, no library; DeadlineExceeded.
absl::StatusOr<DatabaseAnswer> AskPostgres(const DatabaseRequest& request,
                                           const std::string& password);
absl::StatusOr<DatabaseAnswer> AskMysql(const DatabaseRequest& request,
                                        const std::string& password);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_DATABASE_H_
