#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/listing.h"
#include "collector/ctl/profile_table.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, const std::string& given) {
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const std::string profile, ProfileOrOnly(*client, given));
  TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("findings", {{"profile", profile}}));
  TOM_RETURN_IF_ERROR(session.PrintList(json, "",
                                        {"id", "measure", "check", "host", "subject", "severity",
                                         "opened_at", "closed_at", "due_at", "accepted"}));
  TOM_ASSIGN_OR_RETURN(const auto closed, ListColumn(json, "", "closed_at"));
  TOM_ASSIGN_OR_RETURN(const auto accepted, ListColumn(json, "", "accepted"));
  for (size_t i = 0; i < closed.size(); ++i) {
    if (closed[i].empty() && accepted[i].empty()) return 2;
  }
  return 0;
}

}  // namespace

Command finding_list_command() {
  return {{"finding", "list"},
          "failing rows from their opening on; exit code 2 while one is open and not accepted",
          "tomctl finding list --format csv -o findings.csv",
          [](CLI::App& app) -> CommandRunner {
            const auto profile = std::make_shared<std::string>();
            app.add_option("--profile", *profile, "the profile; default: the only one");
            return [profile](Session& session) { return Run(session, *profile); };
          }};
}

}  // namespace tom
