#include "checks/engine/virtual_table.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "checks/engine/sqlite_value.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// SQLite's structs come first, so that its pointers are ours.
struct TableHandle : sqlite3_vtab {
  TableBinding* binding = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  std::shared_ptr<const Scan> scan;
  size_t row = 0;
};

const TableBinding& BindingOf(sqlite3_vtab* vtab) {
  return *static_cast<TableHandle*>(vtab)->binding;
}

std::string Declaration(const Table& table) {
  std::string sql = "CREATE TABLE x(";
  for (const Column& column : table.columns) {
    if (&column != &table.columns.front()) sql += ", ";
    sql += "\"" + column.name + "\" ";
    sql += column.type == ColumnType::kText      ? "TEXT"
           : column.type == ColumnType::kInteger ? "INTEGER"
                                                 : "BIGINT";
    if (column.hidden) sql += " HIDDEN";
  }
  return sql + ")";
}

int Connect(sqlite3* database, void* data, int, const char* const*, sqlite3_vtab** vtab,
            char** error) {
  auto* binding = static_cast<TableBinding*>(data);
  const int code = sqlite3_declare_vtab(database, Declaration(*binding->table).c_str());
  if (code != SQLITE_OK) {
    *error = sqlite3_mprintf("%s", sqlite3_errmsg(database));
    return code;
  }
  auto handle = std::make_unique<TableHandle>();
  handle->binding = binding;
  *vtab = handle.release();
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* vtab) {
  const std::unique_ptr<TableHandle> handle(static_cast<TableHandle*>(vtab));
  return SQLITE_OK;
}

// What of the plan's constraints goes to the table: one "<e|l><column> " in idxStr for each
// argument of Filter.
struct Plan {
  std::string arguments;
  std::vector<bool> equal;  // by column
};

bool HandsDown(const TableBinding& binding, const sqlite3_index_info::sqlite3_index_constraint& c) {
  if (c.usable == 0 || c.iColumn < 0) return false;
  if (c.op != SQLITE_INDEX_CONSTRAINT_EQ && c.op != SQLITE_INDEX_CONSTRAINT_LIKE) return false;
  const Column& column = binding.table->columns[static_cast<size_t>(c.iColumn)];
  return (column.pushdown || column.required) &&
         (column.personal.empty() || !binding.source->pseudonymised());
}

Plan PlanOf(const TableBinding& binding, sqlite3_index_info* info) {
  Plan plan;
  plan.equal.resize(binding.table->columns.size());
  int next = 0;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (!HandsDown(binding, constraint)) continue;
    const bool equal = constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
    plan.arguments += (equal ? "e" : "l") + std::to_string(constraint.iColumn) + " ";
    if (equal) plan.equal[static_cast<size_t>(constraint.iColumn)] = true;
    info->aConstraintUsage[i].argvIndex = ++next;  // SQLite still checks the rows itself
  }
  return plan;
}

int BestIndex(sqlite3_vtab* vtab, sqlite3_index_info* info) {
  const TableBinding& binding = BindingOf(vtab);
  const Plan plan = PlanOf(binding, info);
  for (size_t i = 0; i < plan.equal.size(); ++i) {
    if (binding.table->columns[i].required && !plan.equal[i]) return SQLITE_CONSTRAINT;
  }
  binding.source->Expect(*binding.table, info->colUsed);
  info->idxStr = sqlite3_mprintf("%s", plan.arguments.c_str());
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = plan.arguments.empty() ? 1000.0 : 10.0;
  info->estimatedRows = plan.arguments.empty() ? 1000 : 10;
  return SQLITE_OK;
}

int Open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = std::make_unique<Cursor>().release();
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  const std::unique_ptr<Cursor> owned(static_cast<Cursor*>(cursor));
  return SQLITE_OK;
}

std::vector<Constraint> ConstraintsOf(const Table& table, const char* plan,
                                      sqlite3_value** values) {
  std::vector<Constraint> constraints;
  for (const char* at = plan; at != nullptr && *at != '\0';) {
    const auto kind = *at == 'e' ? Constraint::Kind::kEqual : Constraint::Kind::kLike;
    char* end = nullptr;
    const unsigned long column = std::strtoul(at + 1, &end, 10);
    constraints.push_back({.column = table.columns[column].name,
                           .kind = kind,
                           .value = FromSqlite(values[constraints.size()])});
    at = end + 1;
  }
  return constraints;
}

int Filter(sqlite3_vtab_cursor* base, int, const char* plan, int, sqlite3_value** values) {
  auto* cursor = static_cast<Cursor*>(base);
  const TableBinding& binding = BindingOf(base->pVtab);
  cursor->scan = binding.source->Read(*binding.table, ConstraintsOf(*binding.table, plan, values));
  cursor->row = 0;
  return SQLITE_OK;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++static_cast<Cursor*>(cursor)->row;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* base) {
  const auto* cursor = static_cast<Cursor*>(base);
  return cursor->scan == nullptr || cursor->row >= cursor->scan->rows.size() ? 1 : 0;
}

int ColumnAt(sqlite3_vtab_cursor* base, sqlite3_context* context, int index) {
  const auto* cursor = static_cast<Cursor*>(base);
  ResultValue(context, cursor->scan->rows[cursor->row][static_cast<size_t>(index)]);
  return SQLITE_OK;
}

int RowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row);
  return SQLITE_OK;
}

// Nothing may pass through SQLite's C frames.
template <auto function, typename... Args>
int Guarded(Args... args) {
  try {
    return function(args...);
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  } catch (...) {
    return SQLITE_ERROR;
  }
}

// No xCreate: the table exists by its name alone, and none can be created. No xUpdate: none can be
// written.
sqlite3_module MakeModule() {
  sqlite3_module module;
  std::memset(&module, 0, sizeof(module));
  module.xConnect = [](auto... args) { return Guarded<Connect>(args...); };
  module.xBestIndex = [](auto... args) { return Guarded<BestIndex>(args...); };
  module.xDisconnect = Disconnect;
  module.xOpen = [](auto... args) { return Guarded<Open>(args...); };
  module.xClose = Close;
  module.xFilter = [](auto... args) { return Guarded<Filter>(args...); };
  module.xNext = Next;
  module.xEof = Eof;
  module.xColumn = [](auto... args) { return Guarded<ColumnAt>(args...); };
  module.xRowid = RowId;
  return module;
}

}  // namespace

absl::Status RegisterTable(sqlite3* database, TableBinding* binding) {
  static const sqlite3_module module = MakeModule();
  const int code =
      sqlite3_create_module_v2(database, binding->table->name.c_str(), &module, binding, nullptr);
  if (code == SQLITE_OK) return absl::OkStatus();
  return absl::InternalError(ToAbsl(binding->table->name + ": " + sqlite3_errmsg(database)));
}

}  // namespace tom
