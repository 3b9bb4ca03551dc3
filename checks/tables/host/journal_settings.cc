// What journald keeps, and passes on (journald.conf(5)).
#include "checks/engine/table.h"
#include "checks/tables/log_facts.h"
#include "checks/tables/sudo_view.h"

namespace tom {
namespace {

absl::Status GenerateSettings(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  UnitFiles units(env);
  // On a running host it is there only where systemd is what runs.
  const bool dead = env.mode() == RootMode::kDeadTree;
  const bool here = dead ? files.Exists("/etc/systemd/journald.conf") ||
                               !units.Find("systemd-journald.service").path.empty()
                         : units.HasSystemd();
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  if (!here) return absl::OkStatus();
  const JournalSettings settings = ReadJournalSettings(files);
  constexpr uint8_t kUpToInfo = 0x7f;
  const bool known = settings.problem.empty();
  sink.Add(
      {{"storage", PrintableText(settings.storage)},
       {"persistent", known ? NumberOrNull(settings.on_disk) : Value()},
       {"keeps_info", known ? Value(int64_t{(settings.stored & kUpToInfo) == kUpToInfo}) : Value()},
       {"forwards_to_syslog", NumberOrNull(settings.forward_to_syslog)},
       {"problem", known ? Value() : Value(PrintableText(settings.problem))}});
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table journal_settings_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "journal_settings",
      .description = "What journald keeps and passes on; no row where there is no systemd",
      .columns =
          {{.name = "storage", .description = "auto, persistent, volatile, none"},
           {.name = "persistent", .type = kInt, .description = "1: what it keeps outlives a boot"},
           {.name = "keeps_info", .type = kInt, .description = "1: it keeps messages from info up"},
           {.name = "forwards_to_syslog",
            .type = kInt,
            .description =
                "1: to rsyslog and its like; NULL: the default of a system that is not known"},
           {.name = "problem", .description = "What is not understood"}},
      .generate = GenerateSettings,
      .touches = [](Env& env, const Declared&) { return LogTouches(env); }};
}

}  // namespace tom
