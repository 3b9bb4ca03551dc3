// One host's evidence as bundles by month (evidence/bundle.h).
#ifndef TOM_COLLECTOR_PACK_HOST_EXPORT_H_
#define TOM_COLLECTOR_PACK_HOST_EXPORT_H_

#include <string>
#include <vector>

#include "collector/pack/host_plan.h"
#include "collector/pack/ledger_proofs.h"
#include "collector/pack/pack_request.h"
#include "collector/pack/pack_spool.h"
#include "collector/pack/scope_export.h"

namespace tom {

struct HostToShow {
  std::string host;
  HostPlan plan;
  std::vector<ScopeEntry> handovers;  // all of the host's, by index
  LabelsOfHost controllers;           // of its authorisation, then of labels
};

// Writes evidence/hosts/<host>/<month>.json and the blobs its reports name: the statements of the
// plan, and the hand-overs.
absl::Status ExportHost(const StoreView& view, const LedgerProofs& proofs,
                        const PackRequest& request, HostToShow shown, PackSpool& spool);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_HOST_EXPORT_H_
