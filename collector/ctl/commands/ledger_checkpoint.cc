#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/listing.h"
#include "evidence/checkpoint.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, bool stamp) {
  TOM_ASSIGN_OR_RETURN(const Trust trust, session.TrustFile());
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(trust.log_vkey));
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  if (stamp) {
    TOM_ASSIGN_OR_RETURN(const StampedCheckpoint stamped, client->Stamp());
    session.err() << "stamped at size " << stamped.size << ": " << TerminalText(stamped.time)
                  << " by " << TerminalText(stamped.authority) << '\n';
  }
  TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("ledger", {}));
  TOM_ASSIGN_OR_RETURN(const auto notes, ListColumn(json, "", "checkpoint"));
  if (notes.empty() || notes.front().empty()) return absl::UnavailableError("no checkpoint yet");
  TOM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyCheckpoint(notes.front(), key));
  TOM_RETURN_IF_ERROR(session.Print(notes.front()));
  session.err() << "size " << checkpoint.size << ", signature good\n";
  return 0;
}

}  // namespace

Command ledger_checkpoint_command() {
  return {{"ledger", "checkpoint"},
          "the newest checkpoint, verified: keep it, a later pack must agree with it",
          "tomctl ledger checkpoint -o held.checkpoint",
          [](CLI::App& app) -> CommandRunner {
            const auto stamp = std::make_shared<bool>(false);
            app.add_flag("--stamp", *stamp, "have it stamped from outside first");
            return [stamp](Session& session) { return Run(session, *stamp); };
          }};
}

}  // namespace tom
