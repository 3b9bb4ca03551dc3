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

// A condition of a policy, in lower case, with JSON's arrows taken for nothing.
std::string Condition(const std::string& node) {
  return "replace(replace(' ' || lower(pg_get_expr(p." + node +
         ", c.oid)) || ' ', '->>', ' '), '->', ' ')";
}

// Whether a condition can only be that the tenant's column equals what the session says: it has no
// alternative, no other comparison, and something on the other side that is not written there.
std::string Binds(const std::string& condition, const DeclaredTenancy& one) {
  return "(position(lower(" + Literal(one.column) + ") in " + condition + ") > 0 AND " + condition +
         " ~ '=' AND " + condition +
         " !~ '[<>!~]|[ (](or|is|not|case|coalesce|like|ilike|similar|between)[ (]' AND " +
         condition + " ~ '(current_|session_user|[a-z0-9_\"][(]|[( ]select )')";
}

// Whether a policy is for everybody, or for a role of the application or one that it may become.
std::string Applies(const DeclaredTenancy& one) {
  if (one.roles.empty()) return "true";
  return "(p.polroles = '{0}' OR EXISTS (SELECT 1 FROM pg_catalog.pg_roles r, pg_catalog.unnest("
         "p.polroles) u WHERE r.rolname IN (" +
         RoleList(one.roles) + ") AND (u = 0 OR pg_has_role(r.oid, u, 'MEMBER'))))";
}

// Views through which rows are read as somebody whom policies do not hold.
std::string ViewsAround() {
  return "(SELECT count(DISTINCT v.oid) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w "
         "ON "
         "w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass JOIN "
         "pg_catalog.pg_class v ON v.oid = w.ev_class JOIN pg_catalog.pg_roles o ON o.oid = "
         "v.relowner WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid "
         "AND v.relkind IN ('v', 'm') AND (v.relkind = 'm' OR NOT coalesce(v.reloptions::text ~ "
         "'security_invoker=(true|on|1|yes)', false)) AND (v.relkind = 'm' OR o.rolsuper OR "
         "o.rolbypassrls OR (v.relowner = c.relowner AND NOT c.relforcerowsecurity)))";
}

// Tables with that column. A policy counts against the table when it is permissive and its
// condition does not name the tenant's column; unless a restrictive one for all and for everybody
// binds every row to its tenant.
std::string TablesQuery(const DeclaredTenancy& one) {
  const std::string of = " FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND ";
  const std::string using_condition = Condition("polqual");
  const std::string check_condition = Condition("polwithcheck");
  const std::string bound = "((p.polqual IS NULL OR " + Binds(using_condition, one) +
                            ") AND (p.polwithcheck IS NULL OR " + Binds(check_condition, one) +
                            ") AND (p.polqual IS NOT NULL OR p.polwithcheck IS NOT NULL))";
  const std::string unguarded = "NOT EXISTS (SELECT 1" + of +
                                "NOT p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}' AND "
                                "p.polqual IS NOT NULL AND " +
                                bound + ")";
  const std::string permissive = "p.polpermissive AND " + Applies(one);
  const std::string names = "position(lower(" + Literal(one.column) + ") in coalesce(" +
                            using_condition + ", " + check_condition + ", '')) > 0";
  const std::string policies = "(SELECT count(*)" + of + permissive + ")";
  const std::string open =
      "(SELECT count(*)" + of + permissive + " AND NOT " + names + " AND " + unguarded + ")";
  const std::string doubtful = "(SELECT count(*)" + of + permissive + " AND " + names +
                               " AND NOT " + bound + " AND " + unguarded + ") + " + ViewsAround();
  const std::string owned =
      one.roles.empty()
          ? "NULL"
          : "EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname IN (" +
                RoleList(one.roles) + ") AND pg_has_role(r.oid, c.relowner, 'MEMBER'))";
  return "SELECT 'table', n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, " +
         policies + ", " + open + ", " + doubtful + ", " + owned +
         " FROM pg_catalog.pg_class c"
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

absl::Status GenerateTenancies(Env& env, const TableContext& context, RowSink& sink) {
  for (const DeclaredTenancy& one : context.declared.tenants) Ask(env, context.declared, one, sink);
  return absl::OkStatus();
}

std::vector<Touch> TouchesOf(Env&, const Declared& declared) {
  std::vector<Touch> touches;
  for (const DeclaredTenancy& one : declared.tenants) {
    Append(touches, DataPlaceTouches(declared, one.database, "what keeps tenants apart"));
  }
  return touches;
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
                   .description =
                       "Those that do not plainly say that the tenant's column equals what "
                       "the session says; and views that get past policies"},
                  {.name = "owned_by_role",
                   .type = kInt,
                   .description = "1: a role of the application is, or may become, its owner; "
                                  "NULL: none is declared"},
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
      .generate = GenerateTenancies,
      .touches = TouchesOf};
}

}  // namespace tom
