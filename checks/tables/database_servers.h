// Database servers of this host: those that the configuration declares, asked; those that are only
// seen, said.
#ifndef TOM_CHECKS_TABLES_DATABASE_SERVERS_H_
#define TOM_CHECKS_TABLES_DATABASE_SERVERS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checks/engine/table.h"

namespace tom {

using DatabaseCells = std::vector<std::optional<std::string>>;

// Asks every declared server of `kind` ("postgres", "mysql") and calls `take` with its name
// ("/run/postgresql:5432") and the answers; whoever does not answer, and every server that listens
// or keeps data here without being declared, makes the scan incomplete. `database` takes the place
// of the declared one unless it is empty.
void AskDatabases(Env& env, const Declared& declared, const std::string& kind,
                  const std::vector<std::string>& queries, RowSink& sink,
                  const std::function<void(const DeclaredDatabase&, const std::string& server,
                                           const DatabaseAnswer&)>& take);

// One declared server, another of its databases.
absl::StatusOr<DatabaseAnswer> AskDatabaseOf(Env& env, const DeclaredDatabase& one,
                                             const std::string& database,
                                             const std::vector<std::string>& queries);

std::vector<Touch> DatabaseTouches(const Declared& declared, const std::string& kind);

// "t" and "1" are 1, "f" and "0" are 0, all else is NULL.
Value DatabaseFlag(const std::optional<std::string>& cell);
// A whole number, else NULL.
Value DatabaseNumber(const std::optional<std::string>& cell);
Value DatabaseText(const std::optional<std::string>& cell);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DATABASE_SERVERS_H_
