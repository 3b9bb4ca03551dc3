#include <memory>
#include <sstream>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"
#include "evidence/verify_flags.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, VerifyArguments arguments) {
  arguments.format = session.flags().format;
  arguments.color = session.flags().color && session.flags().output.empty();
  std::ostringstream out;
  const int code = RunVerify(arguments, out, session.err());
  TOM_RETURN_IF_ERROR(session.Print(out.str()));
  return code;
}

}  // namespace

Command pack_verify_command() {
  return {{"pack", "verify"},
          "what tom-verify does: judges a pack off-line",
          "tomctl pack verify october.asice --trust trust.json --tsa-trust tsa.pem",
          [](CLI::App& app) -> CommandRunner {
            const auto arguments = std::make_shared<VerifyArguments>();
            AddVerifyFlags(app, *arguments);
            return [arguments](Session& session) { return Run(session, *arguments); };
          }};
}

}  // namespace tom
