// Timers of systemd: when they elapse, what they start, whether anything starts them, and when a
// persistent one did last (systemd.timer(5); the stamp's own time).
#include "checks/engine/table.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kWhen[] = {"OnCalendar",      "OnBootSec",         "OnStartupSec",
                                 "OnUnitActiveSec", "OnUnitInactiveSec", "OnActiveSec"};

std::string When(const Unit& timer) {
  std::vector<std::string> all;
  for (const char* key : kWhen) {
    for (const std::string& value : timer.content.Values("Timer", key)) {
      all.push_back(std::string(key).append("=").append(value));
    }
  }
  return JoinWords(all, "; ");
}

bool AddTimer(Env& env, UnitFiles& units, const Unit& timer, RowSink& sink) {
  if (!timer.problem.empty()) sink.Incomplete(timer.problem);
  const bool known = timer.problem.empty();
  std::string service = timer.content.Value("Timer", "Unit");
  if (service.empty()) service = timer.id.substr(0, timer.id.rfind('.')) + ".service";
  const Unit started = units.Find(service);
  if (!started.problem.empty()) sink.Incomplete(started.problem);
  const bool service_found = !started.path.empty() && !started.masked;
  const std::string when = When(timer);
  const auto stamp = env.Stat("/var/lib/systemd/timers/stamp-" + timer.id);
  const auto starts = units.Starts(timer);
  const bool told = known && starts && started.problem.empty();
  return sink.Add(
      {{"id", timer.id},
       {"unit_file_state", known ? Value(timer.state) : Value()},
       {"starts", known && starts ? Value(int64_t{*starts}) : Value()},
       {"schedule", when},
       {"unit", service},
       {"unit_found", started.problem.empty() ? Value(int64_t{service_found}) : Value()},
       {"runs", told ? Value(int64_t{*starts && service_found && !when.empty()}) : Value()},
       {"last_trigger", stamp.ok() ? Value(stamp->modified) : Value()},
       {"path", timer.path}});
}

absl::Status GenerateTimers(Env& env, const TableContext&, RowSink& sink) {
  UnitFiles units(env);
  for (const std::string& name : units.Names()) {
    if (name.ends_with(".timer") && !AddTimer(env, units, units.Find(name), sink)) break;
  }
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table systemd_timers_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "systemd_timers",
      .description = "Timers of systemd, from the disk",
      .columns = {{.name = "id", .description = "Name"},
                  {.name = "unit_file_state", .description = "As systemctl is-enabled says it"},
                  {.name = "starts", .type = kInt, .description = "1: something starts it at boot"},
                  {.name = "schedule", .description = "Its settings of times, with semicolons"},
                  {.name = "unit", .description = "What it starts"},
                  {.name = "unit_found",
                   .type = kInt,
                   .description = "1: that is there, and not masked"},
                  {.name = "runs",
                   .type = kInt,
                   .description = "1: it starts, has a time and something to start"},
                  {.name = "last_trigger",
                   .type = ColumnType::kBigint,
                   .description = "Unix seconds, of persistent timers that ran"},
                  {.name = "path", .description = "File that counts"}},
      .generate = GenerateTimers,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = UnitTouches(env);
        touches.push_back(
            {TouchKind::kFile, "/var/lib/systemd/timers/*", "when timers elapsed last"});
        return touches;
      }};
}

}  // namespace tom
