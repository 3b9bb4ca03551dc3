#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/listing.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, const std::string& host) {
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const std::string hosts, client->Query("hosts", {}));
  TOM_ASSIGN_OR_RETURN(const std::string row, OnlyRow(hosts, {"host", "system"}, host));
  TOM_RETURN_IF_ERROR(session.PrintList(row, "",
                                        {"host", "system", "kind", "controllers", "enrolled_at",
                                         "last_report_at", "reports", "branches", "state"}));
  return 0;
}

}  // namespace

Command host_show_command() {
  return {{"host", "show"},
          "one host, by its id or its system",
          "tomctl host show web-1 --format json",
          [](CLI::App& app) -> CommandRunner {
            const auto host = std::make_shared<std::string>();
            app.add_option("host", *host, "id of the host or of its system")->required();
            return [host](Session& session) { return Run(session, *host); };
          }};
}

}  // namespace tom
