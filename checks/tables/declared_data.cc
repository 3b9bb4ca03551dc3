#include "checks/tables/declared_data.h"

#include "checks/engine/sqlite_file.h"
#include "checks/parse/ascii_words.h"
#include "checks/tables/database_servers.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

DataPlace PlaceOf(const DeclaredDatabase& one, const std::string& database) {
  DataPlace place;
  place.kind = one.kind == "postgres" ? DataKind::kPostgres : DataKind::kMysql;
  place.server = &one;
  place.database = database.empty() ? one.database : database;
  return place;
}

}  // namespace

absl::StatusOr<DataPlace> FindDataPlace(const Declared& declared, const std::string& name) {
  if (name.starts_with('/')) return DataPlace{DataKind::kSqlite, name, nullptr, ""};
  const size_t slash = name.find('/');
  const std::string server = name.substr(0, slash);
  const std::string database = slash == std::string::npos ? "" : name.substr(slash + 1);
  const DeclaredDatabase* found = nullptr;
  for (const DeclaredDatabase& one : declared.databases) {
    if (!server.empty() && one.name == server) return PlaceOf(one, database);
    if (one.kind != server) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError(
          ToAbsl("more than one server is a " + server + ": give it a name"));
    }
    found = &one;
  }
  if (found == nullptr) {
    return absl::NotFoundError(ToAbsl("no database is declared that is named " + server));
  }
  return PlaceOf(*found, database);
}

absl::StatusOr<DatabaseRows> AskDataPlace(Env& env, const DataPlace& place,
                                          const std::string& query) {
  if (place.kind == DataKind::kSqlite) {
    SqliteRequest request;
    request.path = place.path;
    request.query = query;
    return AskSqliteFile(env, request);
  }
  // Sessions begin with PostgreSQL's own names alone; the site's tables are found as a new role
  // finds them.
  std::vector<std::string> queries;
  if (place.kind == DataKind::kPostgres) {
    queries.emplace_back("SELECT pg_catalog.set_config('search_path', '\"$user\", public', false)");
  }
  queries.push_back(query);
  TOM_ASSIGN_OR_RETURN(DatabaseAnswer answer,
                       AskDatabaseOf(env, *place.server, place.database, queries));
  return std::move(answer.back());
}

std::string QueryProblem(const std::string& query) {
  constexpr size_t kMostBytes = 16 << 10;
  if (query.size() > kMostBytes) return "the query is too long";
  if (query.find('\0') != std::string::npos) return "the query holds a NUL byte";
  const auto words = WordsOf(std::string_view(query).substr(0, 200), " \t\r\n(");
  const bool reads =
      !words.empty() && (EqualsNoCase(words[0], "select") || EqualsNoCase(words[0], "with") ||
                         EqualsNoCase(words[0], "values") || EqualsNoCase(words[0], "table"));
  if (!reads) return "the query must begin with SELECT or WITH";
  const size_t semicolon = query.find(';');
  if (semicolon != std::string::npos &&
      query.find_first_not_of(" \t\r\n;", semicolon) != std::string::npos) {
    return "the query must be one statement, without a semicolon inside";
  }
  // MySQL's way of writing a file.
  if (ContainsNoCase(query, "into outfile") || ContainsNoCase(query, "into dumpfile")) {
    return "the query must write no file";
  }
  return "";
}

std::string QuotedName(DataKind kind, const std::string& name) {
  const char quote = kind == DataKind::kMysql ? '`' : '"';
  std::string quoted(1, quote);
  for (const char c : name) {
    if (c == '\0') return "";
    if (c == quote) quoted.push_back(quote);
    quoted.push_back(c);
  }
  quoted.push_back(quote);
  return quoted;
}

std::string QuotedTable(DataKind kind, const std::string& schema, const std::string& table) {
  const std::string name = QuotedName(kind, table);
  return schema.empty() ? name : QuotedName(kind, schema) + "." + name;
}

std::string DataKindName(DataKind kind) {
  if (kind == DataKind::kSqlite) return "sqlite";
  return kind == DataKind::kPostgres ? "postgres" : "mysql";
}

std::vector<Touch> DataPlaceTouches(const Declared& declared, const std::string& name,
                                    const std::string& purpose) {
  const auto place = FindDataPlace(declared, name);
  if (!place.ok()) return {};
  if (place->kind == DataKind::kSqlite) return SqliteTouches(place->path, purpose);
  return DatabaseTouches(declared, place->server->kind);
}

}  // namespace tom
