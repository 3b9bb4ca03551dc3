// The embedded store: one SQLite file.
#ifndef TOM_COLLECTOR_STORE_SQLITE_STORE_H_
#define TOM_COLLECTOR_STORE_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "collector/store/store.h"

namespace tom {

// Creates or opens the file. Reads run side by side, each on a connection of its own; writes one
// after the other.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_SQLITE_STORE_H_
