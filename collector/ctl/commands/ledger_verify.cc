#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/listing.h"
#include "evidence/checkpoint.h"
#include "evidence/merkle.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr size_t kMaxNote = 64 << 10;

absl::StatusOr<std::vector<Digest>> Proof(const std::vector<std::string>& words) {
  std::vector<Digest> proof;
  for (const std::string& word : words) {
    TOM_ASSIGN_OR_RETURN(const Digest digest, Digest::FromHex(word));
    proof.push_back(digest);
  }
  return proof;
}

// The newest checkpoint is an extension of the one that is held.
absl::Status CheckExtends(OperatorClient& client, const Checkpoint& held, const LogKey& key,
                          Checkpoint& newest) {
  TOM_ASSIGN_OR_RETURN(const std::string json,
                       client.Query("ledger", {{"held_size", std::to_string(held.size)}}));
  TOM_ASSIGN_OR_RETURN(const auto notes, ListColumn(json, "", "checkpoint"));
  if (notes.empty() || notes.front().empty()) return absl::UnavailableError("no checkpoint yet");
  TOM_ASSIGN_OR_RETURN(newest, VerifyCheckpoint(notes.front(), key));
  TOM_ASSIGN_OR_RETURN(const auto words, ListColumn(json, "consistency", "hash"));
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> proof, Proof(words));
  if (held.size > newest.size) return absl::DataLossError("the ledger is shorter than it was");
  return merkle::VerifyConsistency(held.size, newest.size, held.root, newest.root, proof);
}

absl::StatusOr<int> Run(Session& session, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const Trust trust, session.TrustFile());
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(trust.log_vkey));
  std::string note = trust.first_checkpoint;
  if (!path.empty()) {
    TOM_ASSIGN_OR_RETURN(note, ReadInput(path, kMaxNote));
  }
  const auto verified = VerifyCheckpoint(note, key);
  if (!verified.ok()) return Annotate(verified.status(), path.empty() ? "trust_file" : path);
  const Checkpoint& held = *verified;
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  Checkpoint newest;
  const absl::Status status = CheckExtends(*client, held, key, newest);
  if (absl::IsInvalidArgument(status) || absl::IsDataLoss(status)) {
    session.err() << "tomctl: the ledger does not extend the checkpoint held: "
                  << TerminalText(FromAbsl(status.message())) << "\n";
    return 2;
  }
  TOM_RETURN_IF_ERROR(status);
  TOM_RETURN_IF_ERROR(session.Print("size " + std::to_string(newest.size) + " extends size " +
                                    std::to_string(held.size) + "\n"));
  return 0;
}

}  // namespace

Command ledger_verify_command() {
  return {{"ledger", "verify"},
          "that the ledger still extends a checkpoint held from before",
          "tomctl ledger verify --checkpoint held.checkpoint",
          [](CLI::App& app) -> CommandRunner {
            const auto path = std::make_shared<std::string>();
            app.add_option("--checkpoint", *path, "a signed note; default: the trust file's first");
            return [path](Session& session) { return Run(session, *path); };
          }};
}

}  // namespace tom
