// Roles of declared PostgreSQL servers, as their catalogue tells a role that may only read. How a
// password is kept stands in pg_authid, which takes a grant of its own; the hash stays there.
#include <map>

#include "checks/engine/table.h"
#include "checks/tables/database_servers.h"

namespace tom {
namespace {

constexpr char kRoles[] =
    "SELECT r.rolname, r.rolsuper, r.rolcanlogin, r.rolcreaterole, r.rolcreatedb,"
    " r.rolreplication, r.rolbypassrls, r.rolconnlimit,"
    " CASE WHEN isfinite(r.rolvaliduntil) THEN extract(epoch FROM r.rolvaliduntil)::bigint END,"
    " (SELECT string_agg(m.rolname, ',' ORDER BY m.rolname) FROM pg_catalog.pg_auth_members a"
    "  JOIN pg_catalog.pg_roles m ON m.oid = a.roleid WHERE a.member = r.oid),"
    " EXISTS (SELECT 1 FROM pg_catalog.pg_roles s WHERE pg_has_role(r.oid, s.oid, 'MEMBER') AND"
    "  (s.rolsuper OR s.rolname IN ('pg_execute_server_program', 'pg_write_server_files',"
    "  'pg_read_server_files'))),"
    " r.rolname ~ '^pg_'"
    " FROM pg_catalog.pg_roles r ORDER BY 1";
constexpr char kPasswords[] =
    "SELECT rolname, CASE WHEN rolpassword IS NULL THEN 'none'"
    " WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256'"
    " WHEN rolpassword ~ '^md5[0-9a-f]{32}$' THEN 'md5' ELSE 'other' END"
    " FROM pg_catalog.pg_authid";

void AddRoles(const std::string& server, const DatabaseAnswer& answer, RowSink& sink) {
  if (!answer[0].error.empty() || answer[0].cut) {
    return sink.Incomplete(server + ": " + (answer[0].cut ? "too many roles" : answer[0].error));
  }
  std::map<std::string, Value> passwords;
  for (const DatabaseCells& row : answer[1].rows) {
    if (row.size() == 2 && row[0]) passwords[*row[0]] = DatabaseText(row[1]);
  }
  for (const DatabaseCells& row : answer[0].rows) {
    constexpr size_t kColumns = 12;
    if (row.size() != kColumns || !row[0]) {
      sink.Incomplete(server + ": an answer of another shape");
      continue;
    }
    const auto password = passwords.find(*row[0]);
    const bool more =
        sink.Add({{"server", server},
                  {"role", DatabaseText(row[0])},
                  {"superuser", DatabaseFlag(row[1])},
                  {"login", DatabaseFlag(row[2])},
                  {"create_role", DatabaseFlag(row[3])},
                  {"create_db", DatabaseFlag(row[4])},
                  {"replication", DatabaseFlag(row[5])},
                  {"bypass_rls", DatabaseFlag(row[6])},
                  {"connection_limit", DatabaseNumber(row[7])},
                  {"valid_until", DatabaseNumber(row[8])},
                  {"member_of", DatabaseText(row[9])},
                  {"as_superuser", DatabaseFlag(row[10])},
                  {"system", DatabaseFlag(row[11])},
                  {"password", password == passwords.end() ? Value() : password->second}});
    if (!more) return;
  }
}

absl::Status GenerateRoles(Env& env, const TableContext& context, RowSink& sink) {
  AskDatabases(env, context.declared, "postgres", {kRoles, kPasswords}, sink,
               [&](const DeclaredDatabase&, const std::string& server,
                   const DatabaseAnswer& answer) { AddRoles(server, answer, sink); });
  return absl::OkStatus();
}

}  // namespace

Table postgres_roles_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "postgres_roles",
      .description = "Roles of declared PostgreSQL servers",
      .columns =
          {{.name = "server", .description = "HOST:PORT of the configuration"},
           {.name = "role", .description = "Name", .personal = "user"},
           {.name = "superuser", .type = kInt, .description = "1: no right is asked for"},
           {.name = "as_superuser",
            .type = kInt,
            .description = "1: a superuser, or member of one or of a role that reads or writes the "
                           "server's files or runs its programs"},
           {.name = "login", .type = kInt, .description = "1: may log in"},
           {.name = "create_role", .type = kInt, .description = "1: may make roles"},
           {.name = "create_db", .type = kInt, .description = "1: may make databases"},
           {.name = "replication", .type = kInt, .description = "1: may copy everything"},
           {.name = "bypass_rls", .type = kInt, .description = "1: row security does not hold"},
           {.name = "password",
            .description = "none, md5, scram-sha-256, other; NULL: our role may not look"},
           {.name = "valid_until", .type = kBig, .description = "Seconds since 1970; NULL: no end"},
           {.name = "member_of", .description = "Roles, by commas", .personal = "database_roles"},
           {.name = "connection_limit", .type = kBig, .description = "-1: none"},
           {.name = "system", .type = kInt, .description = "1: PostgreSQL's own (pg_…)"}},
      .generate = GenerateRoles,
      .touches = [](Env&, const Declared& declared) {
        return DatabaseTouches(declared, "postgres");
      }};
}

}  // namespace tom
