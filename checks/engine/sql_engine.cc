#include "checks/engine/sql_engine.h"

#include <sqlite3.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "checks/engine/scan.h"
#include "checks/engine/sql_guard.h"
#include "checks/engine/sqlite_value.h"
#include "checks/engine/virtual_table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

constexpr int kProgressOps = 2000;  // virtual machine instructions between two looks at the clock

// "line 3 column 7 of the query: " or nothing.
std::string PlaceOf(std::string_view sql, int offset) {
  if (offset < 0 || static_cast<size_t>(offset) > sql.size()) return "";
  int line = 1;
  int column = 1;
  for (const char c : sql.substr(0, static_cast<size_t>(offset))) {
    line += c == '\n' ? 1 : 0;
    column = c == '\n' ? 1 : column + 1;
  }
  return "line " + std::to_string(line) + " column " + std::to_string(column) + " of the query: ";
}

// An eponymous table comes into being when a query first names it, by a statement that the
// authoriser would refuse; it then stays. A table with a required column refuses the query, but is
// there.
void ConnectTables(sqlite3* database, const std::vector<Table>& tables) {
  std::vector<std::string> names = {"json_each", "json_tree"};
  for (const Table& table : tables) names.push_back(table.name);
  for (const std::string& name : names) {
    const std::string sql = "SELECT 1 FROM \"" + name + "\"";
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v3(database, sql.c_str(), -1, 0, &raw, nullptr);
    const Statement statement(raw);
  }
}

std::string KeyOf(const Table& table, const std::vector<Constraint>& constraints) {
  std::string key = table.name;
  for (const Constraint& constraint : constraints) {
    key += '\0' + constraint.column + (constraint.kind == Constraint::Kind::kEqual ? "=" : "~");
    key += std::to_string(constraint.value.index()) + ValueText(constraint.value);
  }
  return key;
}

}  // namespace

struct SqlEngine::State : ScanSource {
  State(std::vector<Table> all, Env& outside, SqlOptions given)
      : tables(std::move(all)), env(outside), options(std::move(given)) {}

  std::shared_ptr<const Scan> Read(const Table& table,
                                   std::vector<Constraint> constraints) override {
    const bool full = constraints.empty();
    auto& cache = full ? full_scans : query_scans;
    const uint64_t columns = table.lean ? expected[table.name] : ~uint64_t{0};
    if (table.lean && (columns & ~filled[table.name]) != 0) full_scans.erase(table.name);
    std::shared_ptr<const Scan>& scan = cache[KeyOf(table, constraints)];
    if (scan == nullptr) {
      if (full) filled[table.name] = columns;
      const TableContext context{
          .declared = options.declared, .constraints = std::move(constraints), .columns = columns};
      scan = std::make_shared<Scan>(ScanTable(table, env, context, PseudonymKey()));
    }
    if (used.insert(scan.get()).second) Note(table, *scan);
    return scan;
  }

  void Expect(const Table& table, uint64_t columns) override { expected[table.name] |= columns; }

  bool pseudonymised() const override { return options.pseudonym_key.has_value(); }
  const std::string* PseudonymKey() const {
    return options.pseudonym_key ? &*options.pseudonym_key : nullptr;
  }

  // Adds a scan to the account of the running query.
  void Note(const Table& table, const Scan& scan) {
    scanned[table.name] += scan.rows.size();
    for (const std::string& reason : scan.incomplete) {
      if (incomplete_seen.insert(reason).second) incomplete.push_back(reason);
    }
  }

  void StartQuery() {
    query_scans.clear();
    used.clear();
    scanned.clear();
    incomplete.clear();
    incomplete_seen.clear();
    soft_deadline = options.soft_deadline_ms > 0 ? env.MonotonicMs() + options.soft_deadline_ms : 0;
  }

  // A join that ended early has not looked at its other tables: whether they could be read must be
  // known all the same.
  void ReadUnvisited() {
    for (const Table& table : tables) {
      if (guard.named.count(table.name) == 0 || scanned.count(table.name) != 0) continue;
      bool constrained = false;
      for (const Column& column : table.columns) {
        constrained = constrained || column.pushdown || column.required;
      }
      if (!constrained) Read(table, {});
    }
  }

  absl::Status Error(std::string_view sql) const {
    const int code = sqlite3_errcode(database.get()) & 0xFF;
    std::string text =
        PlaceOf(sql, sqlite3_error_offset(database.get())) + sqlite3_errmsg(database.get());
    if (code == SQLITE_INTERRUPT) {
      return absl::DeadlineExceededError(absl::StrCat(
          "the query was stopped after ", options.soft_deadline_ms / 1000, " s: it had not ended"));
    }
    if (!guard.refused.empty()) text.append(": ").append(guard.refused);
    if (code == SQLITE_NOMEM || code == SQLITE_TOOBIG) {
      return absl::ResourceExhaustedError(ToAbsl(text));
    }
    return BadData(text);
  }

  absl::StatusOr<Statement> Prepare(std::string_view sql);
  absl::Status Bind(sqlite3_stmt* statement, const std::map<std::string, Value>& parameters);

  std::vector<Table> tables;
  Env& env;
  SqlOptions options;
  Guard guard;
  std::vector<TableBinding> bindings;
  std::map<std::string, std::shared_ptr<const Scan>> full_scans;  // for the life of the engine
  std::map<std::string, std::shared_ptr<const Scan>>
      query_scans;                           // with constraints: for one query
  std::map<std::string, uint64_t> expected;  // columns of tables that queries read
  std::map<std::string, uint64_t> filled;    // those of a lean table's full scan
  std::set<const Scan*> used;
  std::map<std::string, size_t> scanned;
  std::vector<std::string> incomplete;
  std::set<std::string> incomplete_seen;
  int64_t soft_deadline = 0;
  Database database;  // last: goes first, for its modules point into the rest
};

absl::StatusOr<Statement> SqlEngine::State::Prepare(std::string_view sql) {
  guard.named.clear();
  guard.refused.clear();
  if (sql.size() > (64 << 10)) return BadData("the query is longer than 64 KiB");
  if (sql.find('\0') != std::string_view::npos) return BadData("the query holds a NUL");
  const std::string text(sql);
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  if (sqlite3_prepare_v3(database.get(), text.c_str(), -1, 0, &raw, &tail) != SQLITE_OK) {
    return Error(sql);
  }
  Statement statement(raw);
  if (statement == nullptr) return BadData("the query is empty");
  if (sqlite3_stmt_readonly(raw) == 0 || sqlite3_stmt_isexplain(raw) != 0 ||
      sqlite3_column_count(raw) == 0) {
    return BadData("the query is not a SELECT");
  }
  const std::set<std::string, std::less<>> named = guard.named;
  sqlite3_stmt* second = nullptr;
  const bool more = sqlite3_prepare_v3(database.get(), tail, -1, 0, &second, nullptr) != SQLITE_OK;
  const Statement rest(second);
  if (more || rest != nullptr) return BadData("more than one statement");
  guard.named = named;
  return statement;
}

absl::Status SqlEngine::State::Bind(sqlite3_stmt* statement,
                                    const std::map<std::string, Value>& parameters) {
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
    const char* raw = sqlite3_bind_parameter_name(statement, i);
    const std::string name = raw != nullptr ? raw : "?";
    if (name[0] != ':') return BadData("the parameter " + name + " is not written :name");
    const auto found = parameters.find(name.substr(1));
    if (found == parameters.end() && name != ":now") {
      return BadData("the query uses the unknown parameter " + name);
    }
    const Value value = found != parameters.end() ? found->second : Value(int64_t{env.Now()});
    if (BindValue(statement, i, value) != SQLITE_OK) {
      return BadData("the parameter " + name + ": " + sqlite3_errmsg(database.get()));
    }
  }
  return absl::OkStatus();
}

SqlEngine::SqlEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqlEngine::~SqlEngine() = default;

absl::StatusOr<std::unique_ptr<SqlEngine>> SqlEngine::Create(std::vector<Table> tables, Env& env,
                                                             SqlOptions options) {
  auto state = std::make_unique<State>(std::move(tables), env, std::move(options));
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(
      ":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
  state->database.reset(raw);
  if (code != SQLITE_OK) return absl::InternalError("SQLite does not open a database in memory");
  if (state->options.heap_bytes > 0) sqlite3_hard_heap_limit64(state->options.heap_bytes);
  // What it sorts stays in memory, within the limit above: a look writes no file.
  if (sqlite3_exec(raw, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return absl::InternalError("SQLite does not sort in memory");
  }
  for (const Table& table : state->tables) {
    state->guard.tables.insert(table.name);
    state->bindings.push_back({.table = &table, .source = state.get()});
  }
  for (TableBinding& binding : state->bindings) {
    TOM_RETURN_IF_ERROR(RegisterTable(raw, &binding));
  }
  ConnectTables(raw, state->tables);
  TOM_RETURN_IF_ERROR(ApplyGuard(raw, &state->guard));
  const auto late = [](void* data) {
    auto* of = static_cast<State*>(data);
    return of->soft_deadline > 0 && of->env.MonotonicMs() > of->soft_deadline ? 1 : 0;
  };
  sqlite3_progress_handler(raw, kProgressOps, late, state.get());
  return std::unique_ptr<SqlEngine>(new SqlEngine(std::move(state)));
}

absl::StatusOr<SqlResult> SqlEngine::Run(std::string_view sql,
                                         const std::map<std::string, Value>& parameters) {
  state_->StartQuery();
  TOM_ASSIGN_OR_RETURN(const Statement statement, state_->Prepare(sql));
  TOM_RETURN_IF_ERROR(state_->Bind(statement.get(), parameters));
  SqlResult result;
  const int columns = sqlite3_column_count(statement.get());
  for (int i = 0; i < columns; ++i)
    result.columns.push_back(sqlite3_column_name(statement.get(), i));
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    if (result.rows.size() >= state_->options.max_rows) {
      result.truncated = true;
      break;
    }
    ValueRow row;
    for (int i = 0; i < columns; ++i) row.push_back(ColumnValue(statement.get(), i));
    result.rows.push_back(std::move(row));
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) return state_->Error(sql);
  state_->ReadUnvisited();
  result.incomplete = state_->incomplete;
  for (const std::string& name : state_->guard.named) result.scanned[name] = state_->scanned[name];
  return result;
}

absl::StatusOr<SqlEngine::Shape> SqlEngine::Examine(std::string_view sql) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, state_->Prepare(sql));
  Shape shape;
  shape.tables.insert(state_->guard.named.begin(), state_->guard.named.end());
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement.get()); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement.get(), i);
    shape.parameters.insert(name != nullptr && name[0] == ':' ? name + 1 : "?");
  }
  for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
    shape.columns.push_back(sqlite3_column_name(statement.get(), i));
  }
  return shape;
}

void SqlEngine::Expect(std::string_view sql) {
  for (const Table& table : state_->tables) {
    if (!table.lean || sql.find(table.name) == std::string_view::npos) continue;
    static_cast<void>(state_->Prepare(sql));  // what is wrong with it Run says
    return;
  }
}

void SqlEngine::Forget() {
  state_->full_scans.clear();
  state_->query_scans.clear();
}

Env& SqlEngine::env() const { return state_->env; }
const std::vector<Table>& SqlEngine::tables() const { return state_->tables; }

}  // namespace tom
