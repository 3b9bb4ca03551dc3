#include <CLI/CLI.hpp>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command inventory_show_command() {
  return {{"inventory", "show"},
          "the inventory in force",
          "tomctl inventory show",
          [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
              TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("inventory", {}));
              TOM_RETURN_IF_ERROR(session.PrintList(json, "systems",
                                                    {"id", "name", "kind", "role", "owner", "site",
                                                     "controllers", "personal_data", "critical"}));
              return 0;
            };
          }};
}

}  // namespace tom
