// Databases that the configuration names for their data: files of SQLite by path, others by the
// name of a declared server (declared.h, DeclaredColumn). Questions only read, are one statement,
// and end by themselves.
#ifndef TOM_CHECKS_TABLES_DECLARED_DATA_H_
#define TOM_CHECKS_TABLES_DECLARED_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/table.h"

namespace tom {

enum class DataKind { kSqlite, kPostgres, kMysql };

struct DataPlace {
  DataKind kind = DataKind::kSqlite;
  std::string path;                          // SQLite
  const DeclaredDatabase* server = nullptr;  // else; of Declared
  std::string database;
};

// NotFound: no declared database is named so; InvalidArgument: more than one is. `name` is a
// database's name, or its kind where only one server of that kind is declared.
absl::StatusOr<DataPlace> FindDataPlace(const Declared& declared, const std::string& name);

// One statement; the rows' error is the database's.
absl::StatusOr<DatabaseRows> AskDataPlace(Env& env, const DataPlace& place,
                                          const std::string& query);

// "" or why a declared query is not asked: it must be one SELECT (or WITH, VALUES, TABLE).
std::string QueryProblem(const std::string& query);

// A name in the quotes of the database's language; empty where it holds a NUL.
std::string QuotedName(DataKind kind, const std::string& name);
std::string QuotedTable(DataKind kind, const std::string& schema, const std::string& table);

std::string DataKindName(DataKind kind);

std::vector<Touch> DataPlaceTouches(const Declared& declared, const std::string& name,
                                    const std::string& purpose);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DECLARED_DATA_H_
