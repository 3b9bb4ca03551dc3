// The lists `retention`, `tenants` and `user_stores` of the configuration: what is known of the
// data itself.
#include "agent/config_reader.h"

namespace tom {
namespace {

template <typename Read>
void EachMap(YamlFields& top, std::string_view key, const Read& read) {
  const YamlNode* list = top.Sequence(key);
  if (list == nullptr) return;
  for (const YamlNode& item : list->items) {
    YamlFields fields(item, top.file(), top.Path(key));
    read(fields);
    top.Keep(fields.Finish());
  }
}

// A path of a file of SQLite, or a name that is looked for among `databases` when it is asked
// (another file of the configuration may declare them).
std::string DatabaseName(YamlFields& fields) {
  std::string database = fields.TextOr("database", "");
  return database.substr(0, 1) == "/" ? PathOr(fields, "database") : database;
}

}  // namespace

void ReadRetention(YamlFields& top, Declared& declared) {
  EachMap(top, "retention", [&](YamlFields& fields) {
    DeclaredRetention one;
    one.name = fields.TextOr("name", "");
    one.database = DatabaseName(fields);
    one.query = fields.TextOr("query", "");
    one.schema = fields.TextOr("schema", "");
    one.table = fields.TextOr("table", "");
    one.column = fields.TextOr("column", "");
    one.path = PathOr(fields, "path");
    fields.Duration("limit");
    one.limit_seconds = fields.DurationSecondsOr("limit", 0);
    one.promise = fields.TextOr("promise", "");
    if (fields.ok() && one.database.empty() == one.path.empty()) {
      fields.Fail("path", "expected either a path or a database with a query");
    }
    const bool column = !one.table.empty() && !one.column.empty();
    if (fields.ok() && !one.database.empty() && one.query.empty() != column) {
      fields.Fail("query", "expected either a query or a table and a column");
    }
    declared.retention.push_back(std::move(one));
  });
}

void ReadTenants(YamlFields& top, Declared& declared) {
  EachMap(top, "tenants", [&](YamlFields& fields) {
    DeclaredTenancy one;
    one.name = fields.TextOr("name", "");
    one.database = fields.Text("database");
    if (fields.ok()) DatabaseName(fields);
    one.column = fields.TextOr("column", "");
    one.schemas = fields.TextOr("schemas", "");
    one.roles = fields.Texts("roles");
    if (fields.ok() && one.column.empty() == one.schemas.empty()) {
      fields.Fail("column", "expected either a column or schemas");
    }
    declared.tenants.push_back(std::move(one));
  });
}

void ReadUserStores(YamlFields& top, Declared& declared) {
  EachMap(top, "user_stores", [&](YamlFields& fields) {
    DeclaredUserStore one;
    one.name = fields.TextOr("name", "");
    one.column.database = DatabaseName(fields);
    one.column.schema = fields.TextOr("schema", "");
    one.column.table = fields.TextOr("table", "");
    one.column.column = fields.TextOr("column", "");
    one.path = PathOr(fields, "path");
    const bool column = !one.column.table.empty() && !one.column.column.empty();
    if (fields.ok() && (one.column.database.empty() == one.path.empty() ||
                        one.column.database.empty() == column)) {
      fields.Fail("path", "expected either a path or a database with a table and a column");
    }
    declared.user_stores.push_back(std::move(one));
  });
}

}  // namespace tom
