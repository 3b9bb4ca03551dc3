// Proofs out of the stored tiles.
#ifndef TOM_COLLECTOR_LEDGER_PROOFS_H_
#define TOM_COLLECTOR_LEDGER_PROOFS_H_

#include "collector/store/store.h"
#include "evidence/merkle.h"

namespace tom {

// The view as the pure functions of merkle.h want it. `view` must outlive the reader.
inline merkle::HashReader NodesOf(const StoreView& view) {
  return [&view](const std::vector<merkle::NodeId>& nodes) { return view.Nodes(nodes); };
}

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_PROOFS_H_
