#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command host_show_command() {
  return {
      {"host", "show"},
      "one host: identity, chains, groups and their last look",
      "tomctl host show 0123456789abcdef0123456789abcdef --format json",
      [](CLI::App& app) -> CommandRunner {
        const auto name = std::make_shared<std::string>();
        app.add_option("host", *name, "host")->required();
        return [name](Session& session) -> absl::StatusOr<int> {
          TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
          TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("host", {{"host", *name}}));
          TOM_RETURN_IF_ERROR(session.PrintList(
              json, "", {"host", "system", "kind", "controllers", "state", "last_seen"}));
          return 0;
        };
      }};
}

}  // namespace tom
