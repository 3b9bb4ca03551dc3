// One run of the process that holds key, spool and connection: fetch what has to be known, sign a
// look, send what is spooled.
#ifndef TOM_AGENT_DELIVER_H_
#define TOM_AGENT_DELIVER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/collector_client.h"
#include "agent/cycle.h"
#include "agent/sender.h"
#include "agent/signer.h"
#include "agent/state.h"
#include "evidence/trust.h"

namespace tom {

struct DeliverOptions {
  SendOptions send;
  int patience_seconds = 20;          // how long sending is tried again
  int64_t anchor_age_seconds = 3600;  // an anchor fetched longer ago is fetched anew before signing
  UnixSeconds now = 0;
  std::function<void(int64_t)> sleep_ms;
};

struct DeliverResult {
  std::optional<SignedReport> report;  // what was signed
  bool lost = false;                   // no report: the cycle was counted as lost
  bool every_group = false;            // ... as only a look at every group can tell what changed
  SendTally tally;
  absl::Status sent;                 // of the sending alone: what was signed stays spooled
  std::vector<std::string> notices;  // for a person
  int64_t catalogue_version = 0;     // in force afterwards; 0: none
};

// Fetches the catalogue, then the anchor when the one held is older than asked or the last report
// is more than 8 h ago, and does both BEFORE signing; signs `cycle` when there is one; sends. What
// cannot be fetched is a notice: the look is signed with what is held. A ledger that is refused
// gets nothing: the look stays spooled. Fails when the look itself cannot be signed.
absl::StatusOr<DeliverResult> Deliver(const StateDir& state, const EnrolmentFacts& facts,
                                      const Trust& trust, const DeliverOptions& options,
                                      const Cycle* cycle, ReportingClient& client);

// {"accepted", "duplicates", "error"?, "forks", "held", "left", "lost", "notices"?, "rejected",
// "report"?: {…}}, one line.
std::string DescribeDelivery(const DeliverResult& result);

}  // namespace tom

#endif  // TOM_AGENT_DELIVER_H_
