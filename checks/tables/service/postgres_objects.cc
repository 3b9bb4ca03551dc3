// Schemas and tables of declared PostgreSQL servers, in every database that our role may enter:
// what everybody (PUBLIC) may do with them, and whether rows are kept apart. No row of theirs is
// read.
#include "checks/engine/table.h"
#include "checks/tables/database_servers.h"

namespace tom {
namespace {

constexpr char kDatabases[] =
    "SELECT datname, has_database_privilege(oid, 'CONNECT') FROM pg_catalog.pg_database"
    " WHERE datallowconn ORDER BY 1";
constexpr char kSchemas[] =
    "SELECT n.nspname, NULL, 'schema', pg_get_userbyid(n.nspowner),"
    " (SELECT string_agg(DISTINCT a.privilege_type, ',') FROM"
    "  aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a WHERE a.grantee = 0),"
    " NULL, NULL, NULL, has_schema_privilege('public', n.oid, 'USAGE')"
    " FROM pg_catalog.pg_namespace n"
    " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1";
// Rights on single columns count as rights on the table.
constexpr char kTables[] =
    "SELECT n.nspname, c.relname, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table'"
    "  WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,"
    " pg_get_userbyid(c.relowner),"
    " (SELECT string_agg(DISTINCT p, ',') FROM (SELECT a.privilege_type AS p FROM"
    "  aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a WHERE a.grantee = 0"
    "  UNION SELECT a.privilege_type FROM pg_catalog.pg_attribute t, aclexplode(t.attacl) a"
    "  WHERE t.attrelid = c.oid AND a.grantee = 0) g),"
    " c.relrowsecurity, c.relforcerowsecurity, greatest(c.reltuples, -1)::bigint,"
    " has_schema_privilege('public', n.oid, 'USAGE')"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'"
    " AND n.nspname <> 'information_schema' ORDER BY 1, 2";

bool AddObjects(const std::string& server, const std::string& database, const DatabaseRows& rows,
                RowSink& sink) {
  const std::string where = server + " database " + database + ": ";
  if (!rows.error.empty()) sink.Incomplete(where + rows.error);
  if (rows.cut) sink.Incomplete(where + "too many tables");
  for (const DatabaseCells& row : rows.rows) {
    constexpr size_t kColumns = 9;
    if (row.size() != kColumns) {
      sink.Incomplete(where + "an answer of another shape");
      continue;
    }
    const bool more = sink.Add({{"server", server},
                                {"database", DatabaseText(database)},
                                {"schema", DatabaseText(row[0])},
                                {"name", DatabaseText(row[1])},
                                {"kind", DatabaseText(row[2])},
                                {"owner", DatabaseText(row[3])},
                                {"public_privileges", row[4] ? DatabaseText(row[4]) : Value("")},
                                {"row_security", DatabaseFlag(row[5])},
                                {"row_security_forced", DatabaseFlag(row[6])},
                                {"rows_estimate", DatabaseNumber(row[7])},
                                {"public_usage", DatabaseFlag(row[8])}});
    if (!more) return false;
  }
  return true;
}

absl::Status GenerateObjects(Env& env, const TableContext& context, RowSink& sink) {
  constexpr size_t kMaxDatabases = 100;
  AskDatabases(
      env, context.declared, "postgres", {kDatabases}, sink,
      [&](const DeclaredDatabase& one, const std::string& server, const DatabaseAnswer& answer) {
        if (!answer[0].error.empty()) return sink.Incomplete(server + ": " + answer[0].error);
        size_t asked = 0;
        for (const DatabaseCells& row : answer[0].rows) {
          if (row.size() != 2 || !row[0] || row[1] != "t" || ++asked > kMaxDatabases) {
            sink.Incomplete(server + ": a database that our role may not enter, or more than 100");
            continue;
          }
          const auto objects = AskDatabaseOf(env, one, *row[0], {kSchemas, kTables});
          if (!objects.ok()) {
            sink.Incomplete(server + ": " + std::string(objects.status().message()));
            continue;
          }
          if (!AddObjects(server, *row[0], (*objects)[0], sink) ||
              !AddObjects(server, *row[0], (*objects)[1], sink)) {
            return;
          }
        }
      });
  return absl::OkStatus();
}

}  // namespace

Table postgres_objects_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "postgres_objects",
      .description = "Schemas and tables of declared PostgreSQL servers: PUBLIC, row security",
      .columns =
          {{.name = "server", .description = "HOST:PORT of the configuration"},
           {.name = "database", .description = "Database"},
           {.name = "schema", .description = "Schema; PostgreSQL's own are left out"},
           {.name = "name", .description = "Table or view; NULL: the schema itself"},
           {.name = "kind", .description = "schema, table, view, materialized view, foreign table"},
           {.name = "owner", .description = "Role that owns it", .personal = "user"},
           {.name = "public_privileges",
            .description = "What everybody may do, by commas; empty: nothing"},
           {.name = "row_security", .type = kInt, .description = "1: switched on"},
           {.name = "row_security_forced", .type = kInt, .description = "1: for the owner too"},
           {.name = "rows_estimate",
            .type = ColumnType::kBigint,
            .description = "As the planner has it; -1: it has not looked yet"},
           {.name = "public_usage",
            .type = kInt,
            .description = "1: everybody may enter the schema"}},
      .generate = GenerateObjects,
      .touches = [](Env&, const Declared& declared) {
        return DatabaseTouches(declared, "postgres");
      }};
}

}  // namespace tom
