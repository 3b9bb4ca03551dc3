// The payload of a pack out of the store: evidence first, judged by the verifier's own code, then
// report and OSCAL from what it found.
#ifndef TOM_COLLECTOR_PACK_PACK_EXPORT_H_
#define TOM_COLLECTOR_PACK_PACK_EXPORT_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "collector/pack/pack_request.h"
#include "collector/pack/pack_spool.h"
#include "collector/store/store.h"
#include "evidence/pack_evidence.h"

namespace tom {

struct PackSettings {
  EvidenceTrust
      trust;  // of this installation, with the authorities that its stamps are believed by
  std::string scratch = "/tmp";  // where the payload lies while it is made
};

// Judges the evidence files in `spool` (everything but report and OSCAL, pack.json with any
// figures) and adds what follows from them: the figures, report/, oscal/ and README.txt.
absl::Status AddReport(const PackSettings& settings, PackSpool& spool);

// One payload file, whole; files come in the order in which the pack holds them.
using PackFileSink = std::function<absl::Status(const std::string& name, std::string_view bytes)>;

// The same ledger state and request give the same files. FailedPrecondition where there is nothing
// to show (no stamp, no such profile, a period outside the stamps); DataLoss where the store's own
// evidence does not hold, naming the claim.
absl::Status ExportPack(Store& store, const PackRequest& request, const PackSettings& settings,
                        const PackFileSink& sink);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_PACK_EXPORT_H_
