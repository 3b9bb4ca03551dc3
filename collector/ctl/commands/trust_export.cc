#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {

Command trust_export_command() {
  return {{"trust", "export"},
          "the trust file: give it to auditors by another way than the packs",
          "tomctl trust export -o trust.json",
          [](CLI::App&) -> CommandRunner {
            return [](Session& session) -> absl::StatusOr<int> {
              TOM_ASSIGN_OR_RETURN(const Trust trust, session.TrustFile());
              TOM_RETURN_IF_ERROR(session.Print(EncodeTrust(trust)));
              return 0;
            };
          }};
}

}  // namespace tom
