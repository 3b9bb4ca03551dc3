// The approved blueprint's settings of the kernel, as the configuration declares them
// (baseline.sysctl). Reads nothing.
#include "checks/engine/table.h"
#include "checks/parse/sysctl_config.h"

namespace tom {
namespace {

absl::Status GenerateApproved(Env&, const TableContext& context, RowSink& sink) {
  for (const auto& [name, value] : context.declared.sysctl) {
    if (!sink.Add({{"name", SysctlName(SysctlPath(name))}, {"value", value}})) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table approved_controls_table() {
  return {.name = "approved_controls",
          .description = "Settings of the kernel in the approved blueprint (baseline.sysctl)",
          .columns = {{.name = "name", .description = "As sysctl(8) prints it"},
                      {.name = "value", .description = "Approved value"}},
          .generate = GenerateApproved};
}

}  // namespace tom
