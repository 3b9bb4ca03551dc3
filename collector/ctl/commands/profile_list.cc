#include <CLI/CLI.hpp>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command profile_list_command() {
  return {{"profile", "list"},
          "profiles that are published, and their agreements",
          "tomctl profile list",
          [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
              TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("profiles", {}));
              TOM_RETURN_IF_ERROR(
                  session.PrintList(json, "", {"profile", "title", "version", "digest"}));
              return 0;
            };
          }};
}

}  // namespace tom
