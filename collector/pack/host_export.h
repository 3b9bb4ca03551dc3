// One host's evidence as bundles by month (evidence/bundle.h).
#ifndef TOM_COLLECTOR_PACK_HOST_EXPORT_H_
#define TOM_COLLECTOR_PACK_HOST_EXPORT_H_

#include <string>
#include <vector>

#include "collector/pack/host_plan.h"
#include "collector/pack/ledger_proofs.h"
#include "collector/pack/pack_request.h"
#include "collector/pack/pack_spool.h"

namespace tom {

// Writes evidence/hosts/<host>/<month>.json and the blobs its reports name: the statements of
// `plan`, and the host's hand-overs.
absl::Status ExportHost(const StoreView& view, const LedgerProofs& proofs,
                        const PackRequest& request, const std::string& host, const HostPlan& plan,
                        std::vector<ScopeEntry> handovers, PackSpool& spool);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_HOST_EXPORT_H_
