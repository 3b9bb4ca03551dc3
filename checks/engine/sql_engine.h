// SQL over fact tables: the only sqlite3_module in the tree.
//
// Read-only by construction: an in-memory database, an authoriser that lets SELECT through and
// nothing else, allow-lists of functions and modules, and the limits of formats.md section 14. None
// of that bounds time: one LIKE can run for seconds between two calls of the progress handler, so
// only another process can enforce a deadline (agent/evaluate).
//
// Facts are read once: a table's unconstrained scan is kept for the life of the engine, so that all
// checks of one cycle see the same facts. Not thread-safe.
#ifndef TOM_CHECKS_ENGINE_SQL_ENGINE_H_
#define TOM_CHECKS_ENGINE_SQL_ENGINE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/declared.h"
#include "checks/engine/table.h"
#include "checks/engine/value.h"
#include "checks/env/env.h"

namespace tom {

struct SqlOptions {
  Declared declared;
  std::optional<std::string> pseudonym_key;  // absent: personal columns are clear
  int64_t soft_deadline_ms = 0;              // for the progress handler; 0 = none
  int64_t heap_bytes = 0;   // SQLite's hard limit, for the whole process; 0 = leave it
  size_t max_rows = 20000;  // of one result
};

struct SqlResult {
  std::vector<std::string> columns;
  std::vector<ValueRow> rows;
  bool truncated = false;                 // there were more than max_rows
  std::vector<std::string> incomplete;    // what the tables that it read could not read
  std::map<std::string, size_t> scanned;  // table -> rows that its scans gave
};

class SqlEngine {
 public:
  // `env` must outlive the engine.
  static absl::StatusOr<std::unique_ptr<SqlEngine>> Create(std::vector<Table> tables, Env& env,
                                                           SqlOptions options);
  ~SqlEngine();
  SqlEngine(const SqlEngine&) = delete;
  SqlEngine& operator=(const SqlEngine&) = delete;

  // One statement. `parameters` are bound by name without the colon; one that the query names and
  // nobody gives is an error, `now` is always there. Errors carry SQLite's message and, where it
  // knows it, "line L column C of the query".
  absl::StatusOr<SqlResult> Run(std::string_view sql,
                                const std::map<std::string, Value>& parameters);

  // Tables that the query names and parameters that it uses, without running it.
  struct Shape {
    std::set<std::string> tables;
    std::set<std::string> parameters;
    std::vector<std::string> columns;
  };
  absl::StatusOr<Shape> Examine(std::string_view sql);

  // This query will be run: what it reads of lean tables (table.h) is read together with what
  // others do. One that was not expected, and reads more, has such a table scanned anew.
  void Expect(std::string_view sql);

  // Forgets the scans: the next query reads the facts anew.
  void Forget();

  Env& env() const;
  const std::vector<Table>& tables() const;

 private:
  struct State;
  explicit SqlEngine(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SQL_ENGINE_H_
