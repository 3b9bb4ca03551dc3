// The tables of the SQLite store.
#ifndef TOM_COLLECTOR_STORE_SQLITE_SCHEMA_H_
#define TOM_COLLECTOR_STORE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"
#include "collector/store/sqlite_db.h"

namespace tom {

// Creates what is missing; FailedPrecondition where the file was written by another version.
absl::Status PrepareSchema(Database& db);

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_SQLITE_SCHEMA_H_
