// Settings of apt as its files come to (apt.conf(5)); `apt-config dump` says the same.
#include "checks/parse/apt_config.h"

#include "checks/engine/table.h"
#include "checks/tables/apt_state.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status GenerateConfig(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  const AptConfig config = LoadAptConfig(files);
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  for (const auto& [name, value] : config.All()) {
    if (!sink.Add({{"name", name}, {"value", value}})) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table apt_config_table() {
  return {.name = "apt_config",
          .description = "Settings of apt, as its files come to",
          .columns = {{.name = "name", .description = "In lower case, :: between its parts"},
                      {.name = "value", .description = "Value; of a list one row for each"}},
          .generate = GenerateConfig,
          .touches = [](Env&, const Declared&) {
            return FileTouches(
                {"/etc/apt/apt.conf", "/etc/apt/apt.conf.d", "/etc/apt/apt.conf.d/*"},
                "settings of apt");
          }};
}

}  // namespace tom
