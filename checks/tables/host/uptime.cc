// How long the system has run: /proc/uptime (proc(5)).
#include <charconv>

#include "checks/engine/table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kPath[] = "/proc/uptime";

absl::Status GenerateUptime(Env& env, const TableContext&, RowSink& sink) {
  const auto text = env.ReadFile(kPath, 256);
  if (!text.ok()) return Annotate(text.status(), "only a live kernel knows");
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  const bool ended = end == text->data() + text->size() || *end == '.' || *end == ' ';
  if (error != std::errc() || seconds < 0 || !ended) return BadData("/proc/uptime: not understood");
  sink.Add({{"days", seconds / 86400},
            {"hours", seconds / 3600 % 24},
            {"minutes", seconds / 60 % 60},
            {"seconds", seconds % 60},
            {"total_seconds", seconds}});
  return absl::OkStatus();
}

}  // namespace

Table uptime_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "uptime",
          .description = "Time since the last boot",
          .columns = {{.name = "days", .type = kInt, .description = "Whole days"},
                      {.name = "hours", .type = kInt, .description = "Hours beside them"},
                      {.name = "minutes", .type = kInt, .description = "Minutes beside them"},
                      {.name = "seconds", .type = kInt, .description = "Seconds beside them"},
                      {.name = "total_seconds",
                       .type = ColumnType::kBigint,
                       .description = "All of it in seconds"}},
          .generate = GenerateUptime,
          .touches = [](Env&, const Declared&) {
            return FileTouches({kPath}, "time since the last boot");
          }};
}

}  // namespace tom
