// Logins and boots on record: /var/log/wtmp and the files that it was rotated to, oldest first.
// What was rotated away or cleared is not there: no row is no proof that nobody logged in.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/utmp_records.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Rotated files that are compressed are not read; logrotate keeps wtmp as it is by default.
constexpr const char* kFiles[] = {"/var/log/wtmp.1", "/var/log/wtmp"};

bool AddRecords(const UtmpRecords& parsed, const std::string& path, RowSink& sink) {
  for (const UtmpRecord& one : parsed.records) {
    const bool more = sink.Add({{"username", one.user},
                                {"tty", one.line},
                                {"pid", one.pid},
                                {"type", one.type},
                                {"type_name", std::string(UtmpTypeName(one.type))},
                                {"time", one.time},
                                {"host", one.host},
                                {"source", path}});
    if (!more) return false;
  }
  return true;
}

absl::Status GenerateLast(Env& env, const TableContext&, RowSink& sink) {
  for (const char* path : kFiles) {
    const auto bytes = env.ReadFile(path);
    if (absl::IsNotFound(bytes.status()) && path == kFiles[0]) continue;
    if (!bytes.ok()) {
      sink.Incomplete(std::string(bytes.status().message()));
      continue;
    }
    const UtmpRecords parsed = ParseUtmp(*bytes);
    if (!parsed.whole) sink.Incomplete(std::string(path) + ": ends inside a record");
    if (!AddRecords(parsed, path, sink)) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table last_table() {
  return {.name = "last",
          .description = "Logins, logouts and boots on record",
          .columns =
              {{.name = "username", .description = "Login name", .personal = "user"},
               {.name = "tty", .description = "Terminal"},
               {.name = "pid", .type = ColumnType::kInteger, .description = "Process id"},
               {.name = "type", .type = ColumnType::kInteger, .description = "Type of utmp(5)"},
               {.name = "type_name", .description = "user-process, dead-process, boot-time, ..."},
               {.name = "time", .type = ColumnType::kInteger, .description = "Seconds since 1970"},
               {.name = "host",
                .description = "Where the login came from; empty: this host",
                .personal = "login_host"},
               {.name = "source", .description = "File that it stands in", .hidden = true}},
          .generate = GenerateLast,
          .touches = [](Env&, const Declared&) {
            return FileTouches({"/var/log/wtmp", "/var/log/wtmp.1"}, "logins on record");
          }};
}

}  // namespace tom
