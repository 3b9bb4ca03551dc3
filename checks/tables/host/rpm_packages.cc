// Packages that rpm has installed, from its database in SQLite's format (rpm 4.16 and newer). What
// is older (Berkeley DB), larger than 32 MiB, or has changes outside the file itself is not read:
// that is said, and nothing passes.
//
// The bytes are read through the one door and handed to SQLite in memory: it opens no file.
#include <sqlite3.h>

#include <array>
#include <memory>

#include "checks/engine/table.h"
#include "checks/parse/rpm_header.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::array<const char*, 2> kFolders = {"/usr/lib/sysimage/rpm", "/var/lib/rpm"};
constexpr std::array<const char*, 2> kOthers = {"/Packages", "/Packages.db"};
constexpr size_t kMaxBytes = 32 << 20;
constexpr size_t kMaxPackages = 50000;
constexpr size_t kWriteVersion = 18;  // SQLite's file header: 2 where a write-ahead log is used
constexpr size_t kReadVersion = 19;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

absl::Status Bad(sqlite3* database) {
  return BadData(std::string("rpm's database: ") + sqlite3_errmsg(database));
}

// `bytes` must outlive the database, and may be written to by it in memory alone.
absl::StatusOr<Database> OpenInMemory(std::string& bytes) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_MEMORY, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return absl::UnavailableError("SQLite could not be started");
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, 16 << 20);
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(raw, "main", reinterpret_cast<unsigned char*>(bytes.data()), size, size,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
    return Bad(raw);
  }
  return database;
}

bool AddPackage(const RpmHeader& header, RowSink& sink) {
  return sink.Add({{"name", header.name},
                   {"version", header.version},
                   {"release", header.release},
                   {"source", header.source},
                   {"size", NumberOrNull(header.size)},
                   {"sha1", header.sha1},
                   {"arch", header.arch},
                   {"epoch", NumberOrNull(header.epoch)},
                   {"install_time", NumberOrNull(header.install_time)},
                   {"vendor", header.vendor},
                   {"package_group", header.group}});
}

absl::Status AddPackages(sqlite3* database, RowSink& sink) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT blob FROM main.Packages NOT INDEXED", -1, &raw,
                         nullptr) != SQLITE_OK)
    return Bad(database);
  const Statement statement(raw);
  size_t count = 0;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    if (++count > kMaxPackages) return absl::ResourceExhaustedError("more than 50,000 packages");
    const auto* blob = static_cast<const char*>(sqlite3_column_blob(raw, 0));
    const auto size = static_cast<size_t>(sqlite3_column_bytes(raw, 0));
    const auto header = ParseRpmHeader(blob == nullptr ? "" : std::string_view(blob, size));
    if (!header.ok()) {
      sink.Incomplete("rpm's database: " + std::string(header.status().message()));
      continue;
    }
    if (!AddPackage(*header, sink)) return absl::OkStatus();
  }
  return code == SQLITE_DONE ? absl::OkStatus() : Bad(database);
}

absl::Status ReadDatabase(Env& env, const std::string& path, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(std::string bytes, env.ReadFile(path, kMaxBytes));
  const auto log = env.Stat(path + "-wal");
  if (!log.ok() && !absl::IsNotFound(log.status())) return log.status();
  if (log.ok() && log->size > 0) sink.Incomplete(path + "-wal: holds changes that are not read");
  if (bytes.size() < 100) return BadData(path + ": no database of SQLite's");
  // Without its log the file is read as one without.
  if (bytes[kWriteVersion] == 2) bytes[kWriteVersion] = 1;
  if (bytes[kReadVersion] == 2) bytes[kReadVersion] = 1;
  TOM_ASSIGN_OR_RETURN(const Database database, OpenInMemory(bytes));
  return AddPackages(database.get(), sink);
}

absl::Status GeneratePackages(Env& env, const TableContext&, RowSink& sink) {
  for (const char* folder : kFolders) {
    const std::string path = std::string(folder) + "/rpmdb.sqlite";
    const auto info = env.Stat(path);
    if (info.ok()) return ReadDatabase(env, path, sink);
    if (!absl::IsNotFound(info.status())) return info.status();
    for (const char* other : kOthers) {
      const auto older = env.Stat(std::string(folder) + other);
      if (!absl::IsNotFound(older.status()))
        return absl::UnimplementedError(ToAbsl(std::string(folder) + other +
                                               ": rpm's database is of a format that is not read"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table rpm_packages_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "rpm_packages",
          .description = "Packages of rpm",
          .columns = {{.name = "name", .description = "Name"},
                      {.name = "version", .description = "Version"},
                      {.name = "release", .description = "Release"},
                      {.name = "source", .description = "Source package"},
                      {.name = "size", .type = kBig, .description = "Bytes on the disk"},
                      {.name = "sha1", .description = "SHA-1 of its header"},
                      {.name = "arch", .description = "Architecture"},
                      {.name = "epoch", .type = kInt, .description = "Epoch; NULL: none"},
                      {.name = "install_time", .type = kInt, .description = "Unix seconds"},
                      {.name = "vendor", .description = "Vendor"},
                      {.name = "package_group", .description = "Group"}},
          .generate = GeneratePackages,
          .touches = [](Env&, const Declared&) {
            return FileTouches({"/usr/lib/sysimage/rpm/*", "/var/lib/rpm/*"}, "packages of rpm");
          }};
}

}  // namespace tom
