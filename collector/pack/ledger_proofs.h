// Stamped checkpoints and inclusion proofs as packs carry them.
#ifndef TOM_COLLECTOR_PACK_LEDGER_PROOFS_H_
#define TOM_COLLECTOR_PACK_LEDGER_PROOFS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "collector/store/store.h"
#include "evidence/bundle.h"

namespace tom {

// Proofs against the stamps of one store view. Does not own the view.
class LedgerProofs {
 public:
  // FailedPrecondition where nothing has been stamped: without a stamp no leaf can be proven.
  static absl::StatusOr<LedgerProofs> Load(const StoreView& view);

  const std::vector<StampRow>& stamps() const { return stamps_; }
  // Size of the newest stamp: what lies beyond is not in the pack.
  uint64_t size() const { return stamps_.back().size; }

  // The leaf in the first stamp that covers it. REQUIRES: index < size().
  absl::StatusOr<ProvenLeaf> Prove(uint64_t index, const LeafBody& body) const;
  // ledger/stamps.json.
  absl::StatusOr<std::vector<Stamp>> Stamps() const;

 private:
  explicit LedgerProofs(const StoreView& view) : view_(&view) {}
  const StoreView* view_;
  std::vector<StampRow> stamps_;  // oldest first
};

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_LEDGER_PROOFS_H_
