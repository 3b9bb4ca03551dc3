// The list `databases` of the configuration.
#include "agent/config_reader.h"
#include "checks/env/database.h"

namespace tom {
namespace {

void ReadDatabase(YamlFields& fields, Declared& declared) {
  constexpr int64_t kPostgresPort = 5432;
  constexpr int64_t kMysqlPort = 3306;
  DeclaredDatabase one;
  one.name = fields.TextOr("name", "");
  if (one.name.find('/') != std::string::npos) fields.Fail("name", "must have no /");
  one.kind = fields.Text("kind");
  const bool postgres = one.kind == "postgres";
  if (fields.ok() && !postgres && one.kind != "mysql") {
    fields.Fail("kind", "expected one of postgres, mysql");
  }
  one.host = fields.Text("host");
  if (const std::string problem = DatabaseHostProblem(one.host); fields.ok() && !problem.empty()) {
    fields.Fail("host", "expected a socket's absolute path or a loopback address: " + problem);
  }
  one.port = postgres ? kPostgresPort : kMysqlPort;
  if (fields.Has("port")) one.port = fields.Integer("port", 1, 65535);
  one.user = fields.Text("user");
  if (fields.ok() && one.user.empty()) fields.Fail("user", "missing");
  one.password_file = PathOr(fields, "password_file");
  one.database = fields.TextOr("database", postgres ? "postgres" : "");
  one.server_user = fields.TextOr("server_user", postgres ? "postgres" : "");
  one.controllers = fields.Texts("controllers");
  for (const DeclaredDatabase& other : declared.databases) {
    if (other.kind == one.kind && other.host == one.host && other.port == one.port) {
      fields.Fail("host", "two databases have this host and port");
    }
    if (!one.name.empty() && other.name == one.name) {
      fields.Fail("name", "two databases are named " + one.name);
    }
  }
  declared.databases.push_back(std::move(one));
}

}  // namespace

void ReadDatabases(YamlFields& top, Declared& declared) {
  const YamlNode* list = top.Sequence("databases");
  if (list == nullptr) return;
  for (const YamlNode& item : list->items) {
    YamlFields fields(item, top.file(), top.Path("databases"));
    ReadDatabase(fields, declared);
    top.Keep(fields.Finish());
  }
}

}  // namespace tom
