#include "collector/pack/ledger_proofs.h"

#include <algorithm>

#include "collector/ledger/proofs.h"
#include "evidence/merkle.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<LedgerProofs> LedgerProofs::Load(const StoreView& view) {
  LedgerProofs proofs(view);
  TOM_ASSIGN_OR_RETURN(proofs.stamps_, view.Stamps());
  if (proofs.stamps_.empty()) {
    return absl::FailedPreconditionError(
        "no checkpoint has been stamped yet: a pack needs at least one");
  }
  return proofs;
}

absl::StatusOr<ProvenLeaf> LedgerProofs::Prove(uint64_t index, const LeafBody& body) const {
  const auto stamp = std::find_if(stamps_.begin(), stamps_.end(),
                                  [index](const StampRow& row) { return row.size > index; });
  if (stamp == stamps_.end()) return absl::InternalError("a leaf that no stamp covers");
  ProvenLeaf leaf{index, body, stamp->size, {}};
  TOM_ASSIGN_OR_RETURN(leaf.inclusion, merkle::InclusionProof(index, stamp->size, NodesOf(*view_)));
  return leaf;
}

absl::StatusOr<std::vector<Stamp>> LedgerProofs::Stamps() const {
  std::vector<Stamp> stamps;
  uint64_t before = 0;
  for (const StampRow& row : stamps_) {
    Stamp stamp{row.note, row.token, {}};
    if (before != 0) {
      TOM_ASSIGN_OR_RETURN(stamp.consistency,
                           merkle::ConsistencyProof(before, row.size, NodesOf(*view_)));
    }
    before = row.size;
    stamps.push_back(std::move(stamp));
  }
  return stamps;
}

}  // namespace tom
