// A fact table: its columns and the function that reads the facts. One table is one file in
// checks/tables/<area>/, with one function `Table <file's stem>_table()`; the registry finds it by
// its name.
//
// Named and shaped as osquery's where osquery has it. A table only reads, through Env; what it
// could not read it says.
#ifndef TOM_CHECKS_ENGINE_TABLE_H_
#define TOM_CHECKS_ENGINE_TABLE_H_

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "checks/engine/declared.h"
#include "checks/engine/touch.h"
#include "checks/engine/value.h"
#include "checks/env/env.h"

namespace tom {

enum class ColumnType { kText, kInteger, kBigint };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  std::string description;  // with the unit, where there is one
  std::string personal =
      "";  // what kind of person it names ("user"): pseudonymised before SQL sees it; text only
  bool hidden = false;    // not in SELECT *
  bool pushdown = false;  // generate is given equality and LIKE constraints on it
  bool required = false;  // a query without an equality on it is an error (implies pushdown)
};

// What a query asks of a pushdown column. A constraint filters; it never causes a connection
// (design.md rule 7).
struct Constraint {
  enum class Kind { kEqual, kLike };
  std::string column;
  Kind kind = Kind::kEqual;
  Value value;
};

struct TableContext {
  const Declared& declared;
  std::vector<Constraint>
      constraints;  // all hold together; rows that break them are dropped by SQL afterwards
  // Of a lean table: bit i, the queries read column i; bit 63 stands for all from 63 on.
  uint64_t columns = ~uint64_t{0};

  // The text that `column` must equal, or null.
  const std::string* EqualText(std::string_view column) const;
};

// Takes the rows of one scan.
class RowSink {
 public:
  virtual ~RowSink() = default;
  // By column name; columns not named are NULL. An unknown name or a value that is not of the
  // column's type makes the whole scan an error. False: enough, for a bound is reached (the scan is
  // marked by the sink).
  virtual bool Add(std::initializer_list<std::pair<std::string_view, Value>> cells) = 0;
  // By position, one value a column: for tables made of ready rows.
  virtual bool AddRow(ValueRow row) = 0;
  // Something could not be read: `fail` rows of checks over this table stay, `pass` rows become
  // unknown.
  virtual void Incomplete(std::string reason) = 0;
};

// An error status is an incomplete scan with that message; the rows given before it are kept.
using Generate = std::function<absl::Status(Env& env, const TableContext& context, RowSink& sink)>;

// All that `generate` may touch under this configuration (touch.h). `env` is for looking at what is
// there now, such as this host's listeners: nothing is run, resolved or connected to. A table over
// declared facts alone has nothing to say here.
using Touches = std::function<std::vector<Touch>(Env& env, const Declared& declared)>;

struct Table {
  std::string name;
  std::string description;
  std::vector<Column> columns;
  Generate generate;
  Touches touches = nullptr;
  // `generate` leaves out what costs and nobody reads (TableContext::columns): such cells are NULL.
  bool lean = false;
};

// All tables of the program, by name. Generated (checks/CMakeLists.txt).
std::vector<Table> AllTables();

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_TABLE_H_
