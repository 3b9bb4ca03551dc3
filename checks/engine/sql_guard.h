// What a query may do: the limits, the authoriser and the functions. Internal to sql_engine.
#ifndef TOM_CHECKS_ENGINE_SQL_GUARD_H_
#define TOM_CHECKS_ENGINE_SQL_GUARD_H_

#include <sqlite3.h>

#include <set>
#include <string>

#include "absl/status/status.h"

namespace tom {

// What the authoriser allows and saw. Must outlive the connection.
struct Guard {
  std::set<std::string, std::less<>> tables;  // fact tables that may be read
  std::set<std::string, std::less<>>
      named;            // of those, the ones that the statement being compiled reads
  std::string refused;  // what the authoriser said no to, for the error: "writing (DELETE)"
};

// Sets every limit of formats.md section 14, DEFENSIVE on, TRUSTED_SCHEMA off, our own functions
// and the authoriser.
absl::Status ApplyGuard(sqlite3* database, Guard* guard);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SQL_GUARD_H_
