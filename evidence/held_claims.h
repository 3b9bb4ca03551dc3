// Claims that compare the pack with what its reader already holds: checkpoints, and the pack
// before.
#ifndef TOM_EVIDENCE_HELD_CLAIMS_H_
#define TOM_EVIDENCE_HELD_CLAIMS_H_

#include <vector>

#include "evidence/pack_reader.h"
#include "evidence/verify.h"

namespace tom {

// Checkpoints of the pack's ledger/stamps.json, verified by `key` where there is one.
absl::StatusOr<std::vector<Checkpoint>> PackCheckpoints(const PackReader& pack,
                                                        const std::optional<LogKey>& key);

// Every held checkpoint is one of the pack's, or the empty tree. One of the same size with another
// root is a split ledger and disproves; a size that the pack does not show leaves the claim
// unproven.
Claim JudgeHeldCheckpoints(const PackReader& pack, const VerifyOptions& options);

// The previous pack is a sound one of the same ledger and signer's CA, its checkpoints are this
// pack's as far as both go, and no time lies between its period and this one.
Claim JudgePreviousPack(const PackReader& pack, const VerifyOptions& options);

}  // namespace tom

#endif  // TOM_EVIDENCE_HELD_CLAIMS_H_
