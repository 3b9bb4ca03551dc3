// Where personal data lies, as the configuration declares it. Reads nothing.
#include "checks/engine/table.h"

namespace tom {
namespace {

absl::Status GenerateDataPaths(Env&, const TableContext& context, RowSink& sink) {
  for (const DeclaredPath& path : context.declared.data_paths) {
    std::string controllers;
    for (const std::string& one : path.controllers) {
      controllers += (controllers.empty() ? "" : " ") + one;
    }
    if (!sink.Add({{"path", path.path}, {"controllers", controllers}})) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table data_paths_table() {
  return {.name = "data_paths",
          .description = "Declared places of personal data (data_paths of the configuration)",
          .columns = {{.name = "path", .description = "File or directory"},
                      {.name = "controllers",
                       .description = "Whose data it is, separated by blanks; empty: the host's"}},
          .generate = GenerateDataPaths};
}

}  // namespace tom
