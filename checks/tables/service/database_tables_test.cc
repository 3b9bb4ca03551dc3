// The tables over databases, asked of the real servers: a PostgreSQL and a MariaDB of this host's
// packages, each with a data directory of its own, run by an account without rights.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "checks/engine/sql_engine.h"
#include "checks/env/env_posix.h"
#include "checks/env/fake_env.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

// What went wrong; "" where nothing did.
std::string Shell(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> chunk;
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe)) {
    text.append(chunk.data(), got);
  }
  return pclose(pipe) == 0 ? "" : "failed: " + text;
}

// A scratch folder that the servers' accounts may enter. Its path is short: a socket's must be.
class Scratch {
 public:
  Scratch() {
    std::string name = "/tmp/tom_db_XXXXXX";
    path_ = mkdtemp(name.data());
    fs::permissions(path_, fs::perms::all);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ / name; }

  std::string Write(const std::string& name, const std::string& text, int mode = 0600) const {
    std::string path = path_ / name;
    std::ofstream(path) << text;
    fs::permissions(path, static_cast<fs::perms>(mode));
    return path;
  }

 private:
  fs::path path_;
};

// As `account`, where we are root.
std::string As(const std::string& account, const std::string& command) {
  return geteuid() != 0
             ? command
             : "setpriv --reuid=" + account + " --regid=" + account + " --clear-groups " + command;
}

struct Rows {
  std::vector<std::string> rows;  // cells separated by |, NULL as -
  std::vector<std::string> incomplete;
};

Rows Query(Env& env, const Declared& declared, const std::string& sql) {
  Rows found;
  auto engine = SqlEngine::Create(AllTables(), env, {.declared = declared, .pseudonym_key = {}});
  if (!engine.ok()) {
    ADD_FAILURE() << engine.status();
    return found;
  }
  const auto result = (*engine)->Run(sql, {});
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return found;
  }
  for (const ValueRow& row : result->rows) {
    std::string text;
    for (const Value& cell : row) {
      text += std::holds_alternative<std::monostate>(cell) ? "-" : ValueText(cell);
      text += '|';
    }
    text.pop_back();
    found.rows.push_back(text);
  }
  found.incomplete = result->incomplete;
  return found;
}

bool Mentions(const std::vector<std::string>& reasons, const std::string& what) {
  return std::any_of(reasons.begin(), reasons.end(), [&](const std::string& reason) {
    return reason.find(what) != std::string::npos;
  });
}

class PostgresTables : public testing::Test {
 protected:
  static constexpr char kBin[] = "/usr/lib/postgresql/15/bin/";

  void SetUp() override {
    const std::string data = scratch_ / "data";
    ASSERT_EQ(Shell(As("postgres", std::string(kBin) + "initdb -D " + data +
                                       " -U postgres -A trust --no-sync >/dev/null")),
              "");
    std::ofstream(data + "/pg_hba.conf")
        << "local all postgres trust\nlocal all all scram-sha-256\n";
    ASSERT_EQ(
        Shell(As("postgres", std::string(kBin) + "pg_ctl -D " + data + " -w -l " +
                                 (scratch_ / "log") + " -o \"-c listen_addresses='' -k " +
                                 (scratch_ / "") + " -p 5499 -c fsync=off\" start >/dev/null")),
        "");
    Sql("CREATE ROLE tom_audit LOGIN PASSWORD 'let me read';"
        "CREATE ROLE app LOGIN PASSWORD 'x'; CREATE ROLE boss SUPERUSER; CREATE ROLE ops LOGIN;"
        "GRANT boss TO ops; CREATE ROLE copier LOGIN REPLICATION BYPASSRLS VALID UNTIL "
        "'2030-01-01';"
        "SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'x';"
        "CREATE TABLE person (name text); GRANT SELECT ON person TO PUBLIC;"
        "CREATE TABLE note (id int, body text); GRANT SELECT (body) ON note TO PUBLIC;"
        "CREATE SCHEMA closed; CREATE TABLE closed.secret (id int);"
        "ALTER TABLE closed.secret ENABLE ROW LEVEL SECURITY;");
    DeclaredDatabase one{.name = "",
                         .kind = "postgres",
                         .host = scratch_ / "",
                         .port = 5499,
                         .user = "tom_audit",
                         .password_file = scratch_.Write("pass", "let me read\n"),
                         .database = "postgres",
                         .server_user = "postgres",
                         .controllers = {}};
    one.host.pop_back();
    if (geteuid() != 0) one.server_user = "";
    declared_.databases.push_back(one);
    env_ = *OpenPosixEnv(RootMode::kLive, "/");
  }
  void TearDown() override {
    Shell(As("postgres",
             std::string(kBin) + "pg_ctl -D " + (scratch_ / "data") + " -m immediate stop"));
  }

  void Sql(const std::string& sql) {
    scratch_.Write("sql", sql, 0644);
    ASSERT_EQ(Shell("psql -qX -v ON_ERROR_STOP=1 -h " + (scratch_ / "") +
                    " -p 5499 -U postgres -d postgres -f " + (scratch_ / "sql")),
              "");
  }

  Scratch scratch_;
  Declared declared_;
  std::unique_ptr<Env> env_;
};

TEST_F(PostgresTables, TellRolesAndRights) {
  const std::string server = declared_.databases[0].host + ":5499";
  Rows roles = Query(*env_, declared_,
                     "SELECT role, superuser, as_superuser, login, replication, bypass_rls, "
                     "password, valid_until, member_of FROM postgres_roles WHERE system = 0 "
                     "AND server = '" +
                         server + "' ORDER BY role");
  EXPECT_EQ(roles.rows,
            (std::vector<std::string>{"app|0|0|1|0|0|-|-|-", "boss|1|1|0|0|0|-|-|-",
                                      "copier|0|0|1|1|1|-|1893456000|-", "old|0|0|1|0|0|-|-|-",
                                      "ops|0|1|1|0|0|-|-|boss", "postgres|1|1|1|1|1|-|-|-",
                                      "tom_audit|0|0|1|0|0|-|-|-"}));
  EXPECT_FALSE(Mentions(roles.incomplete, server)) << testing::PrintToString(roles.incomplete);
  const Rows objects =
      Query(*env_, declared_,
            "SELECT schema, name, kind, public_privileges, row_security, public_usage "
            "FROM postgres_objects WHERE database = 'postgres' ORDER BY schema, name");
  EXPECT_EQ(objects.rows,
            (std::vector<std::string>{"closed|-|schema||-|0", "closed|secret|table||1|0",
                                      "public|-|schema|USAGE|-|1", "public|note|table|SELECT|0|1",
                                      "public|person|table|SELECT|0|1"}));
  EXPECT_FALSE(Mentions(objects.incomplete, server)) << testing::PrintToString(objects.incomplete);

  Sql("GRANT SELECT ON pg_catalog.pg_authid TO tom_audit;");
  roles = Query(*env_, declared_,
                "SELECT role, password FROM postgres_roles WHERE system = 0 ORDER BY role");
  EXPECT_EQ(roles.rows,
            (std::vector<std::string>{"app|scram-sha-256", "boss|none", "copier|none", "old|md5",
                                      "ops|none", "postgres|none", "tom_audit|scram-sha-256"}));
}

TEST_F(PostgresTables, CannotWriteAndDoNotWait) {
  DatabaseRequest request;
  request.host = declared_.databases[0].host;
  request.port = 5499;
  request.user = "postgres";
  request.database = "postgres";
  request.deadline_ms = 700;
  request.queries = {"CREATE TABLE made (id int)", "SELECT current_setting('statement_timeout')"};
  auto answer = env_->AskDatabase(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NE((*answer)[0].error.find("read-only transaction"), std::string::npos)
      << (*answer)[0].error;
  EXPECT_EQ((*answer)[1].rows[0][0], "700ms");
  request.queries = {"SELECT generate_series(1, 100000)"};
  request.max_rows = 10;
  answer = env_->AskDatabase(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ((*answer)[0].rows.size(), 10u);
  EXPECT_TRUE((*answer)[0].cut);
  request.queries = {"SELECT pg_sleep(30)"};
  answer = env_->AskDatabase(request);
  EXPECT_TRUE(!answer.ok() || !(*answer)[0].error.empty());
}

TEST_F(PostgresTables, SayWhoIsNotLetIn) {
  Declared declared = declared_;
  declared.databases[0].password_file = scratch_.Write("wrong", "wrong");
  EXPECT_TRUE(Mentions(Query(*env_, declared, "SELECT role FROM postgres_roles").incomplete,
                       "password authentication failed"));
  declared.databases[0].password_file = scratch_.Write("open", "let me read", 0644);
  EXPECT_TRUE(Mentions(Query(*env_, declared, "SELECT role FROM postgres_roles").incomplete,
                       "others may read it"));
  if (geteuid() == 0) {
    declared = declared_;
    declared.databases[0].server_user = "nobody";
    EXPECT_TRUE(Mentions(Query(*env_, declared, "SELECT role FROM postgres_roles").incomplete,
                         "requirepeer"));
  }
  EXPECT_TRUE(Mentions(Query(*env_, Declared(), "SELECT role FROM postgres_roles").incomplete,
                       "listens as 5499 and no role is declared"));
}

TEST_F(PostgresTables, TellTheOldestRowAndHowPasswordsAreKept) {
  Sql("CREATE TABLE lead (seen timestamptz, born date, word text, day bigint, pw text);"
      "INSERT INTO lead VALUES ('2024-03-01 14:00+02', '2020-01-01', '2020', 1709294400, 'plain'),"
      " ('2025-01-01 00:00+00', NULL, '2021', 1809294400, NULL);"
      "CREATE TABLE nothing (seen timestamp); CREATE TABLE hidden (seen timestamp);"
      "GRANT SELECT ON lead, nothing TO tom_audit;");
  declared_.databases[0].name = "app";
  const auto column = [&](const std::string& table, const std::string& name) {
    DeclaredRetention one;
    one.name = table + "." + name;
    one.database = "app/postgres";
    one.table = table;
    one.column = name;
    one.limit_seconds = 1000;
    declared_.retention.push_back(one);
  };
  column("lead", "seen");
  column("lead", "born");
  column("lead", "day");
  column("lead", "word");
  column("nothing", "seen");
  column("hidden", "seen");
  column("lead\"; DELETE FROM lead; --", "seen");
  const auto query = [&](const std::string& name, const std::string& sql) {
    DeclaredRetention one;
    one.name = name;
    one.database = "postgres";
    one.query = sql;
    declared_.retention.push_back(one);
  };
  query("a query", "SELECT min(seen), count(*) FROM lead");
  query("two statements", "SELECT 1; DELETE FROM lead");
  query("writes", "WITH x AS (DELETE FROM lead RETURNING seen) SELECT seen FROM x");
  const Rows rows = Query(*env_, declared_,
                          "SELECT name, rows, undated_rows, oldest, error IS NULL "
                          "FROM retention_rows");
  const Rows errors = Query(*env_, declared_, "SELECT error FROM retention_rows");
  SCOPED_TRACE(testing::PrintToString(errors.rows));
  EXPECT_EQ(rows.rows,
            (std::vector<std::string>{
                "lead.seen|2|0|2024-03-01T12:00:00Z|1", "lead.born|2|1|2020-01-01T00:00:00Z|1",
                "lead.day|2|0|2024-03-01T12:00:00Z|1", "lead.word|2|0|-|0", "nothing.seen|0|0|-|1",
                "hidden.seen|-|-|-|0", "lead\"; DELETE FROM lead; --.seen|-|-|-|0",
                "a query|2|-|2024-03-01T12:00:00Z|1", "two statements|-|-|-|0", "writes|-|-|-|0"}));
  DeclaredUserStore store;
  store.name = "users";
  store.column = {.database = "app", .schema = "public", .table = "lead", .column = "pw"};
  declared_.user_stores.push_back(store);
  const Rows kept = Query(*env_, declared_,
                          "SELECT store, looked_at, reversible, without, forms "
                          "FROM credential_columns");
  EXPECT_EQ(kept.rows, std::vector<std::string>{"users|2|1|1|none, plain"});
  const Rows still = Query(*env_, declared_, "SELECT rows FROM retention_rows LIMIT 1");
  EXPECT_EQ(still.rows, std::vector<std::string>{"2"});
}

TEST_F(PostgresTables, TellWhatKeepsTenantsApart) {
  Sql("CREATE TABLE good (tenant_id int); ALTER TABLE good ENABLE ROW LEVEL SECURITY;"
      "ALTER TABLE good FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON good USING (tenant_id = current_setting('app.t')::int);"
      "CREATE TABLE everybody (tenant_id int); ALTER TABLE everybody ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON everybody USING (true);"
      "CREATE TABLE either (tenant_id int); ALTER TABLE either ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON either USING (tenant_id = 1 OR current_user IS NULL);"
      "CREATE TABLE off (tenant_id int); CREATE TABLE other (id int);"
      "CREATE TABLE owned (tenant_id int); ALTER TABLE owned ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON owned USING (tenant_id = 1); ALTER TABLE owned OWNER TO app;"
      "CREATE SCHEMA t_a; CREATE SCHEMA t_b; CREATE SCHEMA t_c; GRANT USAGE ON SCHEMA t_a TO app;"
      "GRANT USAGE ON SCHEMA t_a, t_b TO old;");
  declared_.databases[0].name = "app";
  DeclaredTenancy tables;
  tables.database = "app";
  tables.column = "tenant_id";
  tables.roles = {"app", "ops", "copier"};
  DeclaredTenancy schemas;
  schemas.database = "app";
  schemas.schemas = "t_*";
  declared_.tenants = {tables, schemas};
  const Rows rows = Query(*env_, declared_,
                          "SELECT kind, schema, name, row_security, row_security_forced, policies, "
                          "open_policies, doubtful_policies, owned_by_role FROM tenant_isolation "
                          "WHERE kind = 'table' ORDER BY name");
  EXPECT_EQ(rows.rows, (std::vector<std::string>{
                           "table|public|either|1|0|1|0|1|0", "table|public|everybody|1|0|1|1|0|0",
                           "table|public|good|1|1|1|0|0|0", "table|public|off|0|0|0|0|0|0",
                           "table|public|owned|1|0|1|0|1|1"}));
  const Rows roles = Query(*env_, declared_,
                           "SELECT role, superuser, bypasses, makes_roles FROM tenant_isolation "
                           "WHERE kind = 'role' ORDER BY role");
  EXPECT_EQ(roles.rows, (std::vector<std::string>{"app|0|0|0", "copier|0|1|0", "ops|1|0|0"}));
  const Rows inside = Query(*env_, declared_,
                            "SELECT schema, public_usage, roles_inside, roles_in_others "
                            "FROM tenant_isolation WHERE kind = 'schema' ORDER BY schema");
  EXPECT_EQ(inside.rows, (std::vector<std::string>{"t_a|0|2|1", "t_b|0|1|1", "t_c|0|0|0"}));
}

TEST_F(PostgresTables, TellWhichPoliciesBindRowsToTheirTenant) {
  Sql("CREATE TABLE itself (tenant_id int); ALTER TABLE itself ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON itself USING (tenant_id = tenant_id);"
      "CREATE TABLE present (tenant_id int); ALTER TABLE present ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON present USING (tenant_id IS NOT NULL);"
      "CREATE TABLE written (tenant_id int); ALTER TABLE written ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON written USING (tenant_id = current_setting('app.t')::int) WITH CHECK "
      "(true);"
      "CREATE TABLE guarded (tenant_id int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON guarded USING (true);"
      "CREATE POLICY q ON guarded AS RESTRICTIVE USING (tenant_id = current_setting('app.t')::int);"
      "CREATE TABLE guarded_in_part (tenant_id int);"
      "ALTER TABLE guarded_in_part ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON guarded_in_part USING (true);"
      "CREATE POLICY q ON guarded_in_part AS RESTRICTIVE FOR SELECT USING (tenant_id = "
      "current_setting('app.t')::int);"
      "CREATE TABLE of_others (tenant_id int); ALTER TABLE of_others ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON of_others USING (tenant_id = (current_setting('app.j')::json ->> "
      "'t')::int);"
      "CREATE POLICY q ON of_others TO old USING (true);"
      "CREATE TABLE seen (tenant_id int); ALTER TABLE seen ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON seen USING (tenant_id = current_setting('app.t')::int);"
      "CREATE VIEW seen_by_all AS SELECT * FROM seen;");
  declared_.databases[0].name = "app";
  DeclaredTenancy tables;
  tables.database = "app";
  tables.column = "tenant_id";
  tables.roles = {"app"};
  declared_.tenants = {tables};
  const Rows rows = Query(*env_, declared_,
                          "SELECT name, policies, open_policies, doubtful_policies "
                          "FROM tenant_isolation WHERE kind = 'table' ORDER BY name");
  EXPECT_EQ(rows.rows, (std::vector<std::string>{"guarded|1|0|0", "guarded_in_part|1|1|0",
                                                 "itself|1|0|1", "of_others|1|0|0", "present|1|0|1",
                                                 "seen|1|0|1", "written|1|0|1"}));
}

class MysqlTables : public testing::Test {
 protected:
  void SetUp() override {
    const std::string data = scratch_ / "data";
    ASSERT_EQ(Shell(As("mysql",
                       "mariadb-install-db --no-defaults --auth-root-authentication-method=normal "
                       "--skip-test-db --datadir=" +
                           data + " >/dev/null")),
              "");
    ASSERT_EQ(Shell(As("mysql",
                       "mariadbd --no-defaults --skip-networking "
                       "--innodb-flush-log-at-trx-commit=0 --datadir=" +
                           data + " --socket=" + (scratch_ / "mysqld.sock") +
                           " --pid-file=" + (scratch_ / "pid") +
                           " >/dev/null 2>&1 & for i in $(seq 200); do mariadb-admin "
                           "--no-defaults -u root --socket=" +
                           (scratch_ / "mysqld.sock") +
                           " ping >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1")),
              "");
    Sql("CREATE USER tom_audit@localhost IDENTIFIED BY 'let me read';"
        "GRANT SELECT ON mysql.global_priv TO tom_audit@localhost;"
        "GRANT SELECT ON mysql.user TO tom_audit@localhost;"
        "CREATE USER web@'%' IDENTIFIED BY 'x'; CREATE USER ''@localhost;"
        "CREATE USER gone@localhost IDENTIFIED BY 'x' ACCOUNT LOCK; CREATE ROLE readers;"
        "CREATE USER either@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING '';"
        "CREATE USER sock@localhost IDENTIFIED VIA unix_socket;"
        "CREATE USER admin@'10.%' IDENTIFIED BY 'x'; GRANT ALL ON *.* TO admin@'10.%' WITH GRANT "
        "OPTION;");
    declared_.databases.push_back({.name = "",
                                   .kind = "mysql",
                                   .host = scratch_ / "mysqld.sock",
                                   .port = 3306,
                                   .user = "tom_audit",
                                   .password_file = scratch_.Write("pass", "let me read\n"),
                                   .database = "",
                                   .server_user = "",
                                   .controllers = {}});
    env_ = *OpenPosixEnv(RootMode::kLive, "/");
  }
  void TearDown() override {
    Shell("mariadb-admin --no-defaults -u root --socket=" + (scratch_ / "mysqld.sock") +
          " shutdown");
  }

  void Sql(const std::string& sql) {
    scratch_.Write("sql", sql);
    ASSERT_EQ(Shell("mariadb --no-defaults -u root --socket=" + (scratch_ / "mysqld.sock") + " < " +
                    (scratch_ / "sql")),
              "");
  }

  Scratch scratch_;
  Declared declared_;
  std::unique_ptr<Env> env_;
};

TEST_F(MysqlTables, TellTheOldestRow) {
  Sql("CREATE DATABASE crm; CREATE TABLE crm.lead (seen datetime, made timestamp, word "
      "varchar(20), "
      "id int); INSERT INTO crm.lead VALUES ('2024-03-01 12:00:00', '2024-05-01 00:00:00', '2020', "
      "1),"
      " (NULL, '2025-05-01 00:00:00', '2021', 2);"
      "GRANT SELECT ON crm.* TO tom_audit@localhost;");
  declared_.databases[0].name = "app";
  for (const char* name : {"seen", "made", "word", "none"}) {
    DeclaredRetention one;
    one.name = name;
    one.database = "app/crm";
    one.table = "lead";
    one.column = name;
    declared_.retention.push_back(one);
  }
  DeclaredRetention writes;
  writes.name = "writes";
  writes.database = "mysql/crm";
  writes.query = "SELECT seen FROM lead INTO OUTFILE '/tmp/x'";
  declared_.retention.push_back(writes);
  const Rows rows = Query(*env_, declared_,
                          "SELECT name, rows, undated_rows, oldest, error IS NULL "
                          "FROM retention_rows");
  EXPECT_EQ(rows.rows, (std::vector<std::string>{"seen|2|1|2024-03-01T12:00:00Z|1",
                                                 "made|2|0|2024-05-01T00:00:00Z|1", "word|-|-|-|0",
                                                 "none|-|-|-|0", "writes|-|-|-|0"}));
}

TEST_F(MysqlTables, TellAccounts) {
  const Rows accounts =
      Query(*env_, declared_,
            "SELECT user, host, anonymous, any_host, role, locked, password, administrator "
            "FROM mysql_accounts WHERE user <> 'PUBLIC' "
            "AND NOT (user = 'root' AND host <> 'localhost') ORDER BY user, host");
  EXPECT_EQ(accounts.rows, (std::vector<std::string>{
                               "|localhost|1|0|0|0|empty|0", "admin|10.%|0|0|0|0|set|1",
                               "either|localhost|0|0|0|0|empty|0", "gone|localhost|0|0|0|1|set|0",
                               "mariadb.sys|localhost|0|0|0|1|empty|0", "readers||0|1|1|0|empty|0",
                               "root|localhost|0|0|0|0|empty|1", "sock|localhost|0|0|0|0|none|0",
                               "tom_audit|localhost|0|0|0|0|set|0", "web|%|0|1|0|0|set|0"}));
  EXPECT_FALSE(Mentions(accounts.incomplete, scratch_ / "mysqld.sock"))
      << testing::PrintToString(accounts.incomplete);
}

TEST_F(MysqlTables, CannotWrite) {
  DatabaseRequest request;
  request.kind = DatabaseRequest::Kind::kMysql;
  request.host = scratch_ / "mysqld.sock";
  request.user = "root";
  request.queries = {"CREATE DATABASE made", "SELECT @@max_statement_time", "SELECT SLEEP(20)"};
  request.deadline_ms = 2000;
  const auto answer = env_->AskDatabase(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NE((*answer)[0].error.find("READ ONLY"), std::string::npos) << (*answer)[0].error;
  EXPECT_EQ((*answer)[1].rows[0][0], "2.000000");
  EXPECT_EQ((*answer)[2].rows.size(), 0u);
  EXPECT_FALSE((*answer)[2].error.empty());
}

TEST_F(MysqlTables, SayWhoIsNotLetIn) {
  Declared declared = declared_;
  declared.databases[0].password_file = scratch_.Write("wrong", "wrong");
  EXPECT_TRUE(Mentions(Query(*env_, declared, "SELECT user FROM mysql_accounts").incomplete,
                       "Access denied"));
  EXPECT_TRUE(Mentions(Query(*env_, Declared(), "SELECT user FROM mysql_accounts").incomplete,
                       "a mysql server listens and no role is declared"));
}

TEST(DatabaseDoor, GoesToThisHostAlone) {
  const struct {
    const char* host;
    bool open;
  } cases[] = {{"/run/postgresql", true},
               {"127.0.0.1", true},
               {"127.9.9.9", true},
               {"::1", true},
               {"10.0.0.1", false},
               {"169.254.169.254", false},
               {"localhost", false},
               {"::ffff:10.0.0.1", false},
               {"run/x", false},
               {"/run/../etc", false},
               {"", false},
               {"0.0.0.0", false}};
  for (const auto& one : cases) {
    EXPECT_EQ(DatabaseHostProblem(one.host).empty(), one.open) << one.host;
  }
}

TEST(DatabaseDoor, IsShutForADeadTree) {
  FakeEnv env;
  env.SetMode(RootMode::kDeadTree).AddFile("/var/lib/mysql/mysql/user.frm", "");
  Declared declared;
  declared.databases.push_back({.name = "",
                                .kind = "postgres",
                                .host = "/run/postgresql",
                                .port = 5432,
                                .user = "a",
                                .password_file = "",
                                .database = "postgres",
                                .server_user = "",
                                .controllers = {}});
  EXPECT_TRUE(Mentions(Query(env, declared, "SELECT role FROM postgres_roles").incomplete,
                       "no socket is opened for a dead tree"));
  EXPECT_TRUE(Mentions(Query(env, declared, "SELECT user FROM mysql_accounts").incomplete,
                       "a mysql server keeps data here"));
}

TEST(DatabaseDoor, AnAnswerOfAnotherShapeIsNoRow) {
  FakeEnv env;
  env.AddFile("/proc/net/unix", "Num RefCount Protocol Flags Type St Inode Path\n");
  env.AddDatabase("127.0.0.1:5432", [](const DatabaseRequest& request) {
    DatabaseAnswer answer(request.queries.size());
    answer[0].rows = {{"alice"}, {}, {std::nullopt, "t"}};
    return absl::StatusOr<DatabaseAnswer>(answer);
  });
  Declared declared;
  declared.databases.push_back({.name = "",
                                .kind = "postgres",
                                .host = "127.0.0.1",
                                .port = 5432,
                                .user = "a",
                                .password_file = "",
                                .database = "postgres",
                                .server_user = "",
                                .controllers = {}});
  const Rows rows = Query(env, declared, "SELECT role FROM postgres_roles");
  EXPECT_TRUE(rows.rows.empty());
  EXPECT_TRUE(Mentions(rows.incomplete, "another shape"));
}

}  // namespace
}  // namespace tom
