#include "checks/engine/sql_guard.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "checks/engine/sql_functions.h"

namespace tom {
namespace {

// All are pure: no clock but what the query passes in (lint refuses 'now'), no randomness, no
// files. Sorted.
constexpr std::array<std::string_view, 70> kFunctions = {"->",
                                                         "->>",
                                                         "abs",
                                                         "avg",
                                                         "char",
                                                         "coalesce",
                                                         "count",
                                                         "cume_dist",
                                                         "date",
                                                         "datetime",
                                                         "dense_rank",
                                                         "first_value",
                                                         "format",
                                                         "glob",
                                                         "group_concat",
                                                         "hex",
                                                         "ifnull",
                                                         "iif",
                                                         "instr",
                                                         "json",
                                                         "json_array",
                                                         "json_array_length",
                                                         "json_each",
                                                         "json_extract",
                                                         "json_group_array",
                                                         "json_group_object",
                                                         "json_insert",
                                                         "json_object",
                                                         "json_quote",
                                                         "json_remove",
                                                         "json_replace",
                                                         "json_set",
                                                         "json_tree",
                                                         "json_type",
                                                         "json_valid",
                                                         "lag",
                                                         "last_value",
                                                         "lead",
                                                         "length",
                                                         "like",
                                                         "likelihood",
                                                         "likely",
                                                         "lower",
                                                         "ltrim",
                                                         "max",
                                                         "min",
                                                         "nth_value",
                                                         "ntile",
                                                         "nullif",
                                                         "percent_rank",
                                                         "printf",
                                                         "quote",
                                                         "rank",
                                                         "replace",
                                                         "round",
                                                         "row_number",
                                                         "rtrim",
                                                         "sign",
                                                         "strftime",
                                                         "substr",
                                                         "substring",
                                                         "sum",
                                                         "time",
                                                         "tls_rank",
                                                         "trim",
                                                         "typeof",
                                                         "unicode",
                                                         "unixepoch",
                                                         "unlikely",
                                                         "upper"};

constexpr std::array<std::pair<int, int>, 9> kLimits = {{
    {SQLITE_LIMIT_LENGTH, 1 << 20},
    {SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
    {SQLITE_LIMIT_COLUMN, 200},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 20},
    {SQLITE_LIMIT_VDBE_OP, 250000},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
}};

bool FunctionAllowed(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::binary_search(kFunctions.begin(), kFunctions.end(), lower);
}

// What a query wanted that it may not, in words.
std::string Refusal(int action, const char* first) {
  const std::string name = first != nullptr ? std::string(first) : std::string();
  switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return "a query reads: it may not write " + name;
    case SQLITE_READ:
      return name + " is no fact table";
    case SQLITE_PRAGMA:
      return "a query may not use PRAGMA " + name;
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return "a query may not attach a database";
    case SQLITE_FUNCTION:
      return "";  // SQLite names it
    default:
      return "a query is one SELECT over fact tables";
  }
}

int Authorise(void* data, int action, const char* first, const char* second, const char*,
              const char*) {
  auto* guard = static_cast<Guard*>(data);
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ: {
      const std::string_view table = first != nullptr ? first : "";
      if (table == "json_each" || table == "json_tree") return SQLITE_OK;
      const auto found = guard->tables.find(table);
      if (found == guard->tables.end()) {
        guard->refused = Refusal(action, first);
        return SQLITE_DENY;
      }
      guard->named.insert(*found);
      return SQLITE_OK;
    }
    case SQLITE_FUNCTION:
      return second != nullptr && FunctionAllowed(second) ? SQLITE_OK : SQLITE_DENY;
    default:
      guard->refused = Refusal(action, first);
      return SQLITE_DENY;
  }
}

bool SetOption(sqlite3* database, int option, int value) {
  return sqlite3_db_config(database, option, value, nullptr) == SQLITE_OK;
}

}  // namespace

absl::Status ApplyGuard(sqlite3* database, Guard* guard) {
  for (const auto& [limit, value] : kLimits) {
    sqlite3_limit(database, limit, value);
    if (sqlite3_limit(database, limit, -1) > value) {
      return absl::InternalError("SQLite does not hold a limit");
    }
  }
  const bool set = SetOption(database, SQLITE_DBCONFIG_DEFENSIVE, 1) &&
                   SetOption(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_ENABLE_FKEY, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_DQS_DML, 0) &&
                   SetOption(database, SQLITE_DBCONFIG_DQS_DDL, 0);
  if (!set || !RegisterFunctions(database) ||
      sqlite3_set_authorizer(database, Authorise, guard) != SQLITE_OK) {
    return absl::InternalError("SQLite refuses its guard");
  }
  return absl::OkStatus();
}

}  // namespace tom
