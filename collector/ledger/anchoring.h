// Which looks have a closed and narrow bracket (records.md "Ledger and time"), kept as runs a
// group.
#ifndef TOM_COLLECTOR_LEDGER_ANCHORING_H_
#define TOM_COLLECTOR_LEDGER_ANCHORING_H_

#include "collector/store/store.h"

namespace tom {

// When the checkpoint that `anchor` names was stamped; nothing where this ledger has no such stamp.
absl::StatusOr<std::optional<UnixSeconds>> StampTimeOf(const StoreView& view,
                                                       const std::optional<Anchor>& anchor);

// A new stamp covers every leaf below stamp.size: brings the anchored runs up to date with the
// looks since the stamp before. Cost follows the number of those reports.
absl::Status AnchorLooks(StoreTransaction& store, const StampRow& stamp, uint64_t previous_size,
                         int64_t anchor_max_seconds);

// The look of `groups` at `counted` ends what the look before it vouched for.
absl::Status CutAnchored(StoreTransaction& store, int64_t branch,
                         const std::vector<std::string>& groups, UnixSeconds counted);

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_ANCHORING_H_
