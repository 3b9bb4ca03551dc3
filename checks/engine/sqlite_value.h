// Value <-> SQLite. Internal to sql_engine.
#ifndef TOM_CHECKS_ENGINE_SQLITE_VALUE_H_
#define TOM_CHECKS_ENGINE_SQLITE_VALUE_H_

#include <sqlite3.h>

#include "checks/engine/value.h"

namespace tom {

Value FromSqlite(sqlite3_value* value);
Value ColumnValue(sqlite3_stmt* statement, int column);
void ResultValue(sqlite3_context* context, const Value& value);
// An SQLite result code.
int BindValue(sqlite3_stmt* statement, int index, const Value& value);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SQLITE_VALUE_H_
