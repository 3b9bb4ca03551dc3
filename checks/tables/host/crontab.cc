// What cron runs by its tables. The name of a user's table is its user's: the path is its folder.
#include "checks/engine/table.h"
#include "checks/tables/config_files.h"
#include "checks/tables/cron_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status GenerateCrontab(Env& env, const TableContext&, RowSink& sink) {
  for (const CronFile& file : ReadCronFiles(env, sink)) {
    for (const CronEntry& entry : file.table.entries) {
      const bool more = sink.Add({{"event", entry.event},
                                  {"minute", entry.minute},
                                  {"hour", entry.hour},
                                  {"day_of_month", entry.day_of_month},
                                  {"month", entry.month},
                                  {"day_of_week", entry.day_of_week},
                                  {"command", entry.command},
                                  {"path", file.system ? file.path : FolderOf(file.path)},
                                  {"username", file.system ? entry.user : file.user},
                                  {"line", int64_t{entry.line}}});
      if (!more) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table crontab_table() {
  return {.name = "crontab",
          .description = "Entries of cron's tables",
          .columns = {{.name = "event", .description = "@reboot and its kin"},
                      {.name = "minute", .description = "Field of the table"},
                      {.name = "hour", .description = "Field of the table"},
                      {.name = "day_of_month", .description = "Field of the table"},
                      {.name = "month", .description = "Field of the table"},
                      {.name = "day_of_week", .description = "Field of the table"},
                      {.name = "command", .description = "As it stands"},
                      {.name = "path", .description = "The table; of a user's the folder"},
                      {.name = "username",
                       .description = "Whom it runs as",
                       .personal = "user",
                       .hidden = true},
                      {.name = "line",
                       .type = ColumnType::kInteger,
                       .description = "Line in the table",
                       .hidden = true}},
          .generate = GenerateCrontab,
          .touches = [](Env&, const Declared&) { return CronTouches(); }};
}

}  // namespace tom
