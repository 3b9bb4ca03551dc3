// How declared databases of PostgreSQL keep tenants apart: tables with the tenant's column and
// their row policies, schemas of one tenant each, and the roles that get past them. No row is read.
#include "checks/engine/table.h"
#include "checks/tables/database_servers.h"
#include "checks/tables/declared_data.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Literal(const std::string& text) {
  std::string quoted = " E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

// Names of roles as a list of texts; '' stands for none.
std::string RoleList(const std::vector<std::string>& roles) {
  std::string list = Literal("");
  for (const std::string& role : roles) list.append(",").append(Literal(role));
  return list;
}

// Tables with that column. A policy counts against the table when it is permissive and its
// condition names no column of the tenant; one for the roles' other commands does not help.
std::string TablesQuery(const DeclaredTenancy& one) {
  const std::string policies =
      "(SELECT count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive)";
  const std::string condition =
      "' ' || lower(coalesce(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid), "
      "'true')) || ' '";
  const std::string open =
      "(SELECT count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive "
      "AND"
      " position(lower(" +
      Literal(one.column) + ") in " + condition + ") = 0)";
  const std::string tautology =
      "(SELECT count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive "
      "AND (" +
      condition + " ~ '(^|[ (])or[ (]' OR pg_get_expr(p.polwithcheck, c.oid) = 'true'))";
  return "SELECT 'table', n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, " +
         policies + ", " + open + ", " + tautology +
         ", EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname IN (" +
         RoleList(one.roles) +
         ") AND pg_has_role(r.oid, c.relowner, 'MEMBER')) FROM pg_catalog.pg_class c"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped AND "
         "a.attnum > 0"
         " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> "
         "'information_schema'"
         " AND a.attname = " +
         Literal(one.column) + " ORDER BY 2, 3";
}

// Each schema of a tenant with the roles that may enter it and may log in, the superusers aside.
std::string SchemasQuery(const DeclaredTenancy& one) {
  std::string like;
  for (const char c : one.schemas) {
    if (c == '*') {
      like.push_back('%');
    } else if (c == '?') {
      like.push_back('_');
    } else {
      if (c == '_' || c == '%' || c == '\\') like.push_back('\\');
      like.push_back(c);
    }
  }
  const std::string pattern = "n.nspname LIKE " + Literal(like);
  // Of one role: how many schemas of tenants it may enter.
  return "SELECT 'schema', n.nspname, NULL, has_schema_privilege('public', n.oid, 'USAGE'), NULL,"
         " (SELECT count(*) FROM pg_catalog.pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper AND"
         " has_schema_privilege(r.oid, n.oid, 'USAGE')),"
         " (SELECT count(*) FROM pg_catalog.pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper AND"
         " has_schema_privilege(r.oid, n.oid, 'USAGE') AND EXISTS (SELECT 1 FROM "
         "pg_catalog.pg_namespace m"
         " WHERE m.oid <> n.oid AND m.nspname LIKE " +
         Literal(like) +
         " AND has_schema_privilege(r.oid, m.oid, 'USAGE'))), NULL, NULL"
         " FROM pg_catalog.pg_namespace n WHERE " +
         pattern + " ORDER BY 2";
}

// The application's roles: what lets one of them past every policy, of its own or of a role that it
// may become.
std::string RolesQuery(const DeclaredTenancy& one) {
  return "SELECT 'role', NULL, r.rolname, r.rolsuper OR EXISTS (SELECT 1 FROM pg_catalog.pg_roles s"
         " WHERE s.rolsuper AND pg_has_role(r.oid, s.oid, 'MEMBER')),"
         " r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_catalog.pg_roles s WHERE s.rolbypassrls AND"
         " pg_has_role(r.oid, s.oid, 'MEMBER')), r.rolcreaterole::int, NULL, NULL, NULL"
         " FROM pg_catalog.pg_roles r WHERE r.rolname IN (" +
         RoleList(one.roles) + ") ORDER BY 3";
}

std::string NameOf(const DeclaredTenancy& one) {
  return one.name.empty() ? one.database : one.name;
}

void Say(const DeclaredTenancy& one, const std::string& error, RowSink& sink) {
  sink.Add({{"tenancy", PrintableText(NameOf(one))},
            {"kind", "error"},
            {"error", PrintableText(error)}});
}

void AddRows(const DeclaredTenancy& one, const DatabaseRows& rows, RowSink& sink) {
  constexpr size_t kColumns = 9;
  if (!rows.error.empty()) return Say(one, rows.error, sink);
  if (rows.cut) Say(one, "too many tables", sink);
  for (const DatabaseCells& row : rows.rows) {
    if (row.size() != kColumns) return Say(one, "an answer of another shape", sink);
    const std::string kind = row[0].value_or("");
    const bool table = kind == "table";
    const bool schema = kind == "schema";
    const bool role = kind == "role";
    sink.Add({{"tenancy", PrintableText(NameOf(one))},
              {"kind", kind},
              {"schema", DatabaseText(row[1])},
              {"name", role ? Value() : DatabaseText(row[2])},
              {"role", role ? DatabaseText(row[2]) : Value()},
              {"row_security", table ? DatabaseFlag(row[3]) : Value()},
              {"row_security_forced", table ? DatabaseFlag(row[4]) : Value()},
              {"policies", table ? DatabaseNumber(row[5]) : Value()},
              {"open_policies", table ? DatabaseNumber(row[6]) : Value()},
              {"doubtful_policies", table ? DatabaseNumber(row[7]) : Value()},
              {"owned_by_role", table ? DatabaseFlag(row[8]) : Value()},
              {"public_usage", schema ? DatabaseFlag(row[3]) : Value()},
              {"roles_inside", schema ? DatabaseNumber(row[5]) : Value()},
              {"roles_in_others", schema ? DatabaseNumber(row[6]) : Value()},
              {"superuser", role ? DatabaseFlag(row[3]) : Value()},
              {"bypasses", role ? DatabaseFlag(row[4]) : Value()},
              {"makes_roles", role ? DatabaseFlag(row[5]) : Value()}});
  }
}

void Ask(Env& env, const Declared& declared, const DeclaredTenancy& one, RowSink& sink) {
  const auto place = FindDataPlace(declared, one.database);
  if (!place.ok()) return Say(one, std::string(FromAbsl(place.status().message())), sink);
  if (place->kind != DataKind::kPostgres) {
    return Say(one, "a database of that kind has no row policies", sink);
  }
  std::vector<std::string> queries = {one.column.empty() ? SchemasQuery(one) : TablesQuery(one)};
  if (!one.roles.empty()) queries.push_back(RolesQuery(one));
  const auto answer = AskDatabaseOf(env, *place->server, place->database, queries);
  if (!answer.ok()) return Say(one, std::string(FromAbsl(answer.status().message())), sink);
  for (const DatabaseRows& rows : *answer) AddRows(one, rows, sink);
  if ((*answer)[0].error.empty() && (*answer)[0].rows.empty()) {
    Say(one, one.column.empty() ? "no schema fits" : "no table has the column", sink);
  }
  if (answer->size() > 1 && (*answer)[1].rows.size() < one.roles.size()) {
    Say(one, "a declared role is not there", sink);
  }
}

}  // namespace

Table tenant_isolation_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "tenant_isolation",
      .description =
          "What keeps tenants of declared PostgreSQL databases apart: row policies, schemas, roles",
      .columns = {{.name = "tenancy",
                   .description = "Its name in the configuration, or its database"},
                  {.name = "kind", .description = "table, schema, role, error"},
                  {.name = "schema", .description = "Schema"},
                  {.name = "name", .description = "Table"},
                  {.name = "role", .description = "Role of the application", .personal = "user"},
                  {.name = "row_security", .type = kInt, .description = "1: policies hold"},
                  {.name = "row_security_forced",
                   .type = kInt,
                   .description = "1: for the table's owner too"},
                  {.name = "policies", .type = kBig, .description = "Permissive policies"},
                  {.name = "open_policies",
                   .type = kBig,
                   .description = "Those whose condition does not name the tenant's column"},
                  {.name = "doubtful_policies",
                   .type = kBig,
                   .description = "Those with an alternative (OR), or any row to write"},
                  {.name = "owned_by_role",
                   .type = kInt,
                   .description = "1: a role of the application is, or may become, its owner"},
                  {.name = "public_usage",
                   .type = kInt,
                   .description = "1: everybody may enter the schema"},
                  {.name = "roles_inside",
                   .type = kBig,
                   .description = "Roles that log in, are no superuser and may enter the schema"},
                  {.name = "roles_in_others",
                   .type = kBig,
                   .description = "Those of them that may enter another tenant's too"},
                  {.name = "superuser",
                   .type = kInt,
                   .description = "1: the role is, or may become, a superuser"},
                  {.name = "bypasses",
                   .type = kInt,
                   .description = "1: the role gets, or may get, past policies (BYPASSRLS)"},
                  {.name = "makes_roles", .type = kInt, .description = "1: it may make roles"},
                  {.name = "error", .description = "What is not known"}},
      .generate =
          [](Env& env, const TableContext& context, RowSink& sink) {
            for (const DeclaredTenancy& one : context.declared.tenants)
              Ask(env, context.declared, one, sink);
            return absl::OkStatus();
          },
      .touches =
          [](Env&, const Declared& declared) {
            std::vector<Touch> touches;
            for (const DeclaredTenancy& one : declared.tenants) {
              Append(touches, DataPlaceTouches(declared, one.database, "what keeps tenants apart"));
            }
            return touches;
          }};
}

}  // namespace tom
