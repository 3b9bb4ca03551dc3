#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, const std::string& name) {
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("profile", {{"profile", name}}));
  TOM_RETURN_IF_ERROR(session.PrintList(
      json, "clauses", {"clause", "promise", "reading", "basis", "proof", "measures", "checks"}));
  return 0;
}

}  // namespace

Command profile_show_command() {
  return {{"profile", "show"},
          "every clause of a profile, how it is read and how it is proven",
          "tomctl profile show velory-dpa",
          [](CLI::App& app) -> CommandRunner {
            const auto name = std::make_shared<std::string>();
            app.add_option("profile", *name, "id of the profile")->required();
            return [name](Session& session) { return Run(session, *name); };
          }};
}

}  // namespace tom
