#include <CLI/CLI.hpp>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command profile_list_command() {
  return {{"profile", "list"},
          "profiles that are on record, and since when each is in force",
          "tomctl profile list",
          [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
              TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("profile", {}));
              TOM_RETURN_IF_ERROR(
                  session.PrintList(json, "", {"profile", "in_force_from", "digest", "statement"}));
              return 0;
            };
          }};
}

}  // namespace tom
