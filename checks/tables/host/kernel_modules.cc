// Modules that the kernel has loaded.
#include "checks/parse/kernel_modules.h"

#include "checks/engine/table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kPath[] = "/proc/modules";

absl::Status GenerateModules(Env& env, const TableContext&, RowSink& sink) {
  const auto text = env.ReadFile(kPath, 4 << 20);
  // A kernel that was built without modules has no such file, and nothing that could be loaded.
  if (absl::IsNotFound(text.status()) && env.Stat("/proc/sys/kernel/osrelease").ok()) {
    return absl::OkStatus();
  }
  if (!text.ok()) return Annotate(text.status(), "only a live kernel knows");
  const LoadedModules loaded = ParseProcModules(*text);
  if (loaded.bad_lines > 0) sink.Incomplete(std::string(kPath) + ": lines that are not understood");
  for (const LoadedModule& module : loaded.modules) {
    if (!sink.Add({{"name", module.name},
                   {"size", module.size},
                   {"used_by", module.used_by},
                   {"status", module.status},
                   {"address", module.address}})) {
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table kernel_modules_table() {
  return {.name = "kernel_modules",
          .description = "Loaded modules of the kernel",
          .columns = {{.name = "name", .description = "Name"},
                      {.name = "size", .type = ColumnType::kBigint, .description = "Bytes"},
                      {.name = "used_by", .description = "Modules that use it; - none"},
                      {.name = "status", .description = "Live, Loading or Unloading"},
                      {.name = "address", .description = "Where it lies; 0 where that is hidden"}},
          .generate = GenerateModules,
          .touches = [](Env&, const Declared&) {
            return FileTouches({kPath, "/proc/sys/kernel/osrelease"}, "loaded modules");
          }};
}

}  // namespace tom
