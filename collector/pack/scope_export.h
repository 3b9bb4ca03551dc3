// The scope chain of a pack, and the blobs that its statements name.
#ifndef TOM_COLLECTOR_PACK_SCOPE_EXPORT_H_
#define TOM_COLLECTOR_PACK_SCOPE_EXPORT_H_

#include <map>
#include <string>
#include <vector>

#include "collector/pack/ledger_proofs.h"
#include "collector/pack/pack_request.h"
#include "collector/pack/pack_spool.h"
#include "evidence/rollup.h"

namespace tom {

// Controllers by the time from which a label gave them a host.
using LabelsOfHost = std::vector<InForce<std::vector<std::string>>>;

struct ExportedScope {
  std::map<std::string, std::vector<ScopeEntry>> handovers;  // by host
  std::map<std::string, LabelsOfHost> labels;                // by host, in order
};

// Writes evidence/scope.json, evidence/blobs/… of its statements and ledger/stamps.json: all
// statements other than reports that the newest stamp covers. For one controller without the names
// of systems that are others' alone, and without other profiles' texts; the statements themselves
// are always whole.
absl::StatusOr<ExportedScope> ExportScope(const StoreView& view, const LedgerProofs& proofs,
                                          const PackRequest& request, PackSpool& spool);

// The blob under its name, where the store has it; NotFound only with `required`.
absl::Status ExportBlob(const StoreView& view, const Digest& digest, bool required,
                        PackSpool& spool);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_SCOPE_EXPORT_H_
