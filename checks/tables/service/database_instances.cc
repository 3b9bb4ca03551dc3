// Database servers that run on this host, declared or not: what is discovered has to be protected
// and backed up, whatever the configuration says.
#include "checks/engine/table.h"
#include "checks/tables/database_processes.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status GenerateInstances(Env& env, const TableContext&, RowSink& sink) {
  const auto processes = FindDatabaseProcesses(env);
  if (!processes.ok()) {
    if (env.mode() != RootMode::kDeadTree) return processes.status();
    return Annotate(processes.status(), "only a live kernel knows the processes");
  }
  for (const std::string& problem : processes->problems) sink.Incomplete(problem);
  for (const DatabaseProcess& one : processes->found) {
    const bool more = sink.Add({{"kind", one.kind},
                                {"pid", one.pid ? Value(*one.pid) : Value()},
                                {"program", TextOrNull(one.program)},
                                {"data_directory", TextOrNull(one.data_directory)},
                                {"listens", TextOrNull(one.listens)},
                                {"own_mounts", int64_t{one.own_mounts}},
                                {"source", one.source},
                                {"error", TextOrNull(one.error)}});
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table database_instances_table() {
  return {.name = "database_instances",
          .description = "Database servers that run here, found by their processes and sockets",
          .columns = {{.name = "kind", .description = "postgres, mysql, mongodb, redis"},
                      {.name = "pid", .type = ColumnType::kBigint, .description = "Of the server"},
                      {.name = "program", .description = "Path of what runs"},
                      {.name = "data_directory",
                       .description = "Where it keeps its data, in its own tree of mounts"},
                      {.name = "listens", .description = "Where, when its process is not seen"},
                      {.name = "own_mounts",
                       .type = ColumnType::kInteger,
                       .description = "1: has mounts of its own (a container)"},
                      {.name = "source", .description = "process or socket"},
                      {.name = "error", .description = "Why something is not known"}},
          .generate = GenerateInstances,
          .touches = [](Env&, const Declared&) { return DatabaseProcessTouches(); }};
}

}  // namespace tom
