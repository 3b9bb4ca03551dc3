#include "checks/engine/sql_functions.h"

#include "checks/engine/sqlite_value.h"
#include "evidence/parameter.h"

namespace tom {
namespace {

void TlsRankFunction(sqlite3_context* context, int, sqlite3_value** values) {
  const Value value = FromSqlite(values[0]);
  const auto* text = std::get_if<std::string>(&value);
  const auto rank = text != nullptr ? TlsRank(*text) : std::nullopt;
  ResultValue(context, rank ? Value(int64_t{*rank}) : Value());
}

constexpr int kPure = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

}  // namespace

bool RegisterFunctions(sqlite3* database) {
  return sqlite3_create_function_v2(database, "tls_rank", 1, kPure, nullptr, TlsRankFunction,
                                    nullptr, nullptr, nullptr) == SQLITE_OK;
}

}  // namespace tom
