#include <CLI/CLI.hpp>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command host_list_command() {
  return {{"host", "list"},
          "hosts, their system and when they were last heard",
          "tomctl host list",
          [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
              TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("hosts", {}));
              TOM_RETURN_IF_ERROR(
                  session.PrintList(json, "",
                                    {"host", "system", "kind", "controllers", "enrolled_at",
                                     "last_report_at", "reports", "state"}));
              return 0;
            };
          }};
}

}  // namespace tom
