#include "evidence/held_claims.h"

#include <map>

#include "evidence/bundle.h"
#include "evidence/container_claims.h"
#include "evidence/merkle.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// "origin\nsize\nroot\n" of a note, unverified: without the log's key only agreement can be judged.
absl::StatusOr<Checkpoint> ReadNote(std::string_view note, const std::optional<LogKey>& key) {
  if (key.has_value()) return VerifyCheckpoint(note, *key);
  return absl::FailedPreconditionError("the ledger's key is not known (--log-key or trust file)");
}

absl::Status CheckHeld(const HeldCheckpoint& held, const std::map<uint64_t, Digest>& known,
                       const VerifyOptions& options, std::string& missing) {
  const auto checkpoint = ReadNote(held.note, options.log_key);
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), held.name);
  if (checkpoint->size == 0) {
    return checkpoint->root == merkle::EmptyRoot()
               ? absl::OkStatus()
               : BadData(held.name + ": the root of an empty tree is another");
  }
  const auto found = known.find(checkpoint->size);
  if (found == known.end()) {
    missing =
        held.name + ": the pack shows no checkpoint of size " + std::to_string(checkpoint->size);
    return absl::OkStatus();
  }
  if (found->second != checkpoint->root) {
    return BadData(held.name + ": another ledger was shown at size " +
                   std::to_string(checkpoint->size));
  }
  return absl::OkStatus();
}

// OK when `before` ends where `now` begins or later, in the same ledger and under the same profile
// and controller.
absl::Status CheckFollows(const PackReader& before, const PackReader& now, std::string& gap) {
  TOM_ASSIGN_OR_RETURN(const std::string old_bytes, before.Read("pack.json"));
  TOM_ASSIGN_OR_RETURN(const PackFacts old_facts, ParsePackFacts(old_bytes));
  TOM_ASSIGN_OR_RETURN(const std::string new_bytes, now.Read("pack.json"));
  TOM_ASSIGN_OR_RETURN(const PackFacts new_facts, ParsePackFacts(new_bytes));
  if (old_facts.ledger != new_facts.ledger) return BadData("it is of another ledger");
  if (old_facts.profile != new_facts.profile || old_facts.controller != new_facts.controller) {
    gap = "it is of another profile or controller";
  } else if (old_facts.to < new_facts.from) {
    gap = "nothing is shown from " + FormatUtc(old_facts.to) + " to " + FormatUtc(new_facts.from);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Checkpoint>> PackCheckpoints(const PackReader& pack,
                                                        const std::optional<LogKey>& key) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, pack.Read(std::string(kStampsName)));
  TOM_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, ParseStamps(bytes));
  std::vector<Checkpoint> checkpoints;
  for (const Stamp& stamp : stamps) {
    TOM_ASSIGN_OR_RETURN(Checkpoint checkpoint, ReadNote(stamp.note, key));
    checkpoints.push_back(std::move(checkpoint));
  }
  return checkpoints;
}

Claim JudgeHeldCheckpoints(const PackReader& pack, const VerifyOptions& options) {
  const std::string name = "held-checkpoint";
  if (options.checkpoints.empty()) return Unproven(name, "no checkpoint given (--checkpoint)");
  if (!options.log_key.has_value()) return Unproven(name, "the ledger's key is not known");
  const auto checkpoints = PackCheckpoints(pack, options.log_key);
  if (!checkpoints.ok()) return Disproven(name, Message(checkpoints.status()));
  std::map<uint64_t, Digest> known;
  for (const Checkpoint& checkpoint : *checkpoints) known.emplace(checkpoint.size, checkpoint.root);
  std::string missing;
  for (const HeldCheckpoint& held : options.checkpoints) {
    const absl::Status status = CheckHeld(held, known, options, missing);
    if (!status.ok()) return Disproven(name, Message(status));
  }
  if (!missing.empty()) return Unproven(name, missing);
  return Proven(name,
                std::to_string(options.checkpoints.size()) + " checkpoints held before agree");
}

Claim JudgePreviousPack(const PackReader& pack, const VerifyOptions& options) {
  const std::string name = "previous-pack";
  if (options.previous.empty()) return Unproven(name, "no previous pack given (--previous)");
  const auto previous = PackReader::Open(options.previous);
  if (!previous.ok()) return Disproven(name, "the previous pack: " + Message(previous.status()));
  const JudgedContainer judged =
      JudgeContainer(*previous, {options.ca_der, options.tsa_authorities, {}, options.at});
  if (!judged.sound) return Disproven(name, "the previous pack's own signature does not hold");
  if (!options.log_key.has_value()) return Unproven(name, "the ledger's key is not known");
  std::string gap;
  if (const absl::Status status = CheckFollows(*previous, pack, gap); !status.ok()) {
    return Disproven(name, Message(status));
  }
  const auto old_points = PackCheckpoints(*previous, options.log_key);
  const auto new_points = PackCheckpoints(pack, options.log_key);
  if (!old_points.ok()) return Disproven(name, Message(old_points.status()));
  if (!new_points.ok()) return Disproven(name, Message(new_points.status()));
  std::map<uint64_t, Digest> known;
  for (const Checkpoint& checkpoint : *new_points) known.emplace(checkpoint.size, checkpoint.root);
  for (const Checkpoint& checkpoint : *old_points) {
    const auto found = known.find(checkpoint.size);
    const std::string size = std::to_string(checkpoint.size);
    if (found == known.end()) gap = "its checkpoint of size " + size + " is not in this pack";
    if (found != known.end() && found->second != checkpoint.root) {
      return Disproven(name, "the ledger has been rewritten: two roots at size " + size);
    }
  }
  if (!gap.empty()) return Unproven(name, gap);
  return Proven(name, "its " + std::to_string(old_points->size()) + " checkpoints are this pack's");
}

}  // namespace tom
