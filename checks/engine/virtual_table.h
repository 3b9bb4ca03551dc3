// Fact tables as SQLite virtual tables (sqlite.org/vtab.html): eponymous, read-only, constraints
// handed down. Internal to sql_engine.
#ifndef TOM_CHECKS_ENGINE_VIRTUAL_TABLE_H_
#define TOM_CHECKS_ENGINE_VIRTUAL_TABLE_H_

#include <sqlite3.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "checks/engine/scan.h"
#include "checks/engine/table.h"

namespace tom {

// Who reads a table when SQLite asks for its rows.
class ScanSource {
 public:
  virtual ~ScanSource() = default;
  virtual std::shared_ptr<const Scan> Read(const Table& table,
                                           std::vector<Constraint> constraints) = 0;
  // A query that is being prepared reads these columns of it (TableContext::columns).
  virtual void Expect(const Table& table, uint64_t columns) = 0;
  // Personal columns are pseudonymised: constraints on them cannot be handed down.
  virtual bool pseudonymised() const = 0;
};

// What the module needs to know of its table; must outlive the database connection.
struct TableBinding {
  const Table* table;
  ScanSource* source;
};

absl::Status RegisterTable(sqlite3* database, TableBinding* binding);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_VIRTUAL_TABLE_H_
