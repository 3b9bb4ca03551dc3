// What the agent holds of the ledger: the newest checkpoint it has verified, the newest stamped
// one, and its receipt.
//
// A ledger that is not consistent with what is held is refused for good: `ledger-refused` is
// written with the reason and the note that shows it, and nothing is submitted until a person has
// removed that file.
#ifndef TOM_AGENT_ANCHOR_STORE_H_
#define TOM_AGENT_ANCHOR_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/collector_client.h"
#include "agent/state.h"
#include "evidence/checkpoint.h"
#include "evidence/report.h"
#include "evidence/trust.h"
#include "evidence/utc_time.h"

namespace tom {

struct HeldAnchor {
  std::string held;     // signed note of the newest checkpoint verified; at first the trust file's
  std::string stamped;  // signed note of the newest stamped one; empty: none yet
  std::string token;    // DER of its stamp
  UnixSeconds stamped_at = 0;
  UnixSeconds fetched_at = 0;  // when the collector was last asked with success

  // For a report; none before the first stamp.
  std::optional<Anchor> ForReport() const;
};

absl::StatusOr<HeldAnchor> LoadAnchor(const StateDir& state, const Trust& trust);

// OK, or FailedPrecondition with the reason kept in `ledger-refused`.
absl::Status CheckLedgerNotRefused(const StateDir& state);

struct AnchorUpdate {
  HeldAnchor anchor;
  std::string notice;  // a stamp or receipt that was not believed; empty when all was
};

// Fetches and judges: checkpoint signature by the trust file's log key, consistency with the held
// checkpoint, the token against `authorities` (DER, pinned in the signed catalogue), the receipt's
// inclusion. A bad token or receipt leaves the old anchor in place; an inconsistent ledger is
// DataLoss and refused from then on.
absl::StatusOr<AnchorUpdate> UpdateAnchor(const StateDir& state, const Trust& trust,
                                          const std::string& host,
                                          const std::vector<std::string>& authorities,
                                          ReportingClient& client, UnixSeconds now);

}  // namespace tom

#endif  // TOM_AGENT_ANCHOR_STORE_H_
