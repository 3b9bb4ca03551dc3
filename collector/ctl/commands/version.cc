#include "collector/ctl/command.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {

Command version_command() {
  return {{"version"}, "the version of tomctl", "tomctl version", [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              const bool json = session.flags().format == "json";
              const std::string text =
                  json ? Canonical(Json(Json::Object{{"version", TOM_VERSION}})) : TOM_VERSION;
              TOM_RETURN_IF_ERROR(session.Print(text + "\n"));
              return 0;
            };
          }};
}

}  // namespace tom
