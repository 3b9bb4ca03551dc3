// Accounts of declared MariaDB and MySQL servers: where they may come from, how they prove who they
// are, what they may do. Hashes stay in the server.
#include "checks/engine/table.h"
#include "checks/tables/database_servers.h"

namespace tom {
namespace {

constexpr char kVersion[] = "SELECT VERSION()";
// MariaDB 10.4 and later: rights and methods are JSON; the view mysql.user spells the rights out.
constexpr char kMariadb[] =
    "SELECT g.User, g.Host, coalesce(json_value(g.Priv, '$.plugin'), ''),"
    " CASE WHEN json_value(g.Priv, '$.authentication_string') IS NULL THEN 'absent'"
    "  WHEN json_value(g.Priv, '$.authentication_string') = '' THEN 'empty'"
    "  WHEN json_value(g.Priv, '$.authentication_string') = 'invalid' THEN 'invalid'"
    "  ELSE 'set' END,"
    " coalesce(json_value(g.Priv, '$.account_locked'), 0) IN ('1', 'true'),"
    " coalesce(json_value(g.Priv, '$.is_role'), 0) IN ('1', 'true'),"
    " json_extract(g.Priv, '$.auth_or[*].plugin'),"
    " json_search(g.Priv, 'one', '', NULL, '$.auth_or[*].authentication_string') IS NOT NULL,"
    " concat_ws(',', if(u.Super_priv = 'Y', 'SUPER', NULL), if(u.Grant_priv = 'Y', 'GRANT', NULL),"
    "  if(u.Create_user_priv = 'Y', 'CREATE USER', NULL), if(u.File_priv = 'Y', 'FILE', NULL),"
    "  if(u.Shutdown_priv = 'Y', 'SHUTDOWN', NULL), if(u.Select_priv = 'Y', 'SELECT', NULL),"
    "  if(u.Insert_priv = 'Y', 'INSERT', NULL), if(u.Drop_priv = 'Y', 'DROP', NULL)),"
    " u.User IS NOT NULL"
    " FROM mysql.global_priv g LEFT JOIN mysql.user u ON u.User = g.User AND u.Host = g.Host"
    " ORDER BY 1, 2";
constexpr char kMysql[] =
    "SELECT User, Host, plugin,"
    " CASE WHEN authentication_string IS NULL OR authentication_string = '' THEN 'empty'"
    "  WHEN authentication_string LIKE '%THISISACOMBINATION%' THEN 'invalid' ELSE 'set' END,"
    " account_locked = 'Y', 0, NULL, 0,"
    " concat_ws(',', if(Super_priv = 'Y', 'SUPER', NULL), if(Grant_priv = 'Y', 'GRANT', NULL),"
    "  if(Create_user_priv = 'Y', 'CREATE USER', NULL), if(File_priv = 'Y', 'FILE', NULL),"
    "  if(Shutdown_priv = 'Y', 'SHUTDOWN', NULL), if(Select_priv = 'Y', 'SELECT', NULL),"
    "  if(Insert_priv = 'Y', 'INSERT', NULL), if(Drop_priv = 'Y', 'DROP', NULL)), 1"
    " FROM mysql.user ORDER BY 1, 2";

bool BySocket(std::string_view plugin) {
  return plugin == "unix_socket" || plugin == "auth_socket";
}

// Methods that prove something by themselves, without an authentication_string.
bool Outside(std::string_view plugin) {
  return BySocket(plugin) || plugin == "pam" || plugin == "auth_pam" || plugin == "gssapi" ||
         plugin == "auth_gssapi" || plugin == "named_pipe";
}

// empty: lets in without a password; set; none: no password lets in; NULL: not known.
Value PasswordOf(const DatabaseCells& row) {
  const std::string plugin = row[2].value_or("");
  const bool empty_among_others = row[7] == "1";
  // MySQL keeps an empty text for methods that need none.
  const bool password_method = plugin.empty() || plugin == "mysql_native_password" ||
                               plugin == "mysql_old_password" || plugin == "ed25519" ||
                               plugin == "caching_sha2_password" || plugin == "sha256_password";
  if (empty_among_others) return "empty";
  if (row[3] == "set") return "set";
  if (row[3] == "invalid") return "none";
  if (!password_method) return Outside(plugin) ? Value("none") : Value();
  if (row[3] == "empty" || row[3] == "absent") return "empty";
  return {};
}

// Every part of it is a wildcard.
bool AnyHost(const std::string& host) {
  return host.find_first_not_of("%_.:") == std::string::npos;
}

void AddAccounts(const std::string& server, const DatabaseRows& rows, RowSink& sink) {
  if (!rows.error.empty()) sink.Incomplete(server + ": " + rows.error);
  if (rows.cut) sink.Incomplete(server + ": too many accounts");
  for (const DatabaseCells& row : rows.rows) {
    constexpr size_t kColumns = 10;
    if (row.size() != kColumns || !row[0] || !row[1]) {
      sink.Incomplete(server + ": an answer of another shape");
      continue;
    }
    const std::string rights = row[8].value_or("");
    const bool known = row[9] == "1";
    const bool full = rights.find("SUPER") != std::string::npos ||
                      rights.find("GRANT") != std::string::npos ||
                      rights.find("CREATE USER") != std::string::npos;
    const bool more = sink.Add({{"server", server},
                                {"user", DatabaseText(row[0])},
                                {"host", DatabaseText(row[1])},
                                {"anonymous", int64_t{row[0]->empty()}},
                                {"any_host", int64_t{AnyHost(*row[1])}},
                                {"role", DatabaseFlag(row[5])},
                                {"locked", DatabaseFlag(row[4])},
                                {"plugin", DatabaseText(row[2])},
                                {"other_plugins", DatabaseText(row[6])},
                                {"password", PasswordOf(row)},
                                {"privileges", known ? Value(rights) : Value()},
                                {"administrator", known ? Value(int64_t{full}) : Value()}});
    if (!more) return;
  }
}

absl::Status GenerateAccounts(Env& env, const TableContext& context, RowSink& sink) {
  AskDatabases(
      env, context.declared, "mysql", {kVersion}, sink,
      [&](const DeclaredDatabase& one, const std::string& server, const DatabaseAnswer& answer) {
        const auto& rows = answer[0].rows;
        if (rows.size() != 1 || rows[0].size() != 1 || !rows[0][0]) {
          return sink.Incomplete(server + ": does not tell its version");
        }
        const bool mariadb = rows[0][0]->find("MariaDB") != std::string::npos;
        const auto accounts = AskDatabaseOf(env, one, one.database, {mariadb ? kMariadb : kMysql});
        if (!accounts.ok()) {
          return sink.Incomplete(server + ": " + std::string(accounts.status().message()));
        }
        AddAccounts(server, (*accounts)[0], sink);
      });
  return absl::OkStatus();
}

}  // namespace

Table mysql_accounts_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "mysql_accounts",
      .description = "Accounts of declared MariaDB and MySQL servers",
      .columns =
          {{.name = "server", .description = "HOST:PORT of the configuration"},
           {.name = "user", .description = "Name; empty: anybody", .personal = "user"},
           {.name = "host", .description = "Where it may come from"},
           {.name = "anonymous", .type = kInt, .description = "1: has no name"},
           {.name = "any_host", .type = kInt, .description = "1: may come from everywhere"},
           {.name = "role", .type = kInt, .description = "1: a role, which nobody logs in as"},
           {.name = "locked", .type = kInt, .description = "1: may not log in"},
           {.name = "plugin", .description = "How it proves who it is"},
           {.name = "other_plugins", .description = "Further ways, any of which will do: JSON"},
           {.name = "password",
            .description = "empty: lets in without one; set; none: no password lets in; NULL: not "
                           "known"},
           {.name = "privileges", .description = "Rights on everything, the chief ones, by commas"},
           {.name = "administrator",
            .type = kInt,
            .description = "1: SUPER, GRANT OPTION or CREATE USER on everything"}},
      .generate = GenerateAccounts,
      .touches = [](Env&, const Declared& declared) { return DatabaseTouches(declared, "mysql"); }};
}

}  // namespace tom
