// Outcomes of a look and the last signed state -> the next report and what travels beside it. Pure.
#ifndef TOM_AGENT_REPORT_BUILDER_H_
#define TOM_AGENT_REPORT_BUILDER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/chain_state.h"
#include "agent/report_context.h"
#include "checks/engine/outcome.h"
#include "evidence/report.h"

namespace tom {

inline constexpr std::string_view kUnseenReason = "not seen: the look was incomplete";

// One look at one or more groups: each check under each of its parameter sets, once.
struct Look {
  UnixSeconds observed_at = 0;  // when it began
  int64_t duration_ms = 0;
  std::optional<int64_t> clock_offset_ms;
  std::vector<CheckOutcome> outcomes;
};

// A chain that begins with this report.
struct NewChain {
  std::string id;                 // 16 hex digits
  std::vector<Digest> continues;  // tips of every branch known, sorted
};

struct ReportBasis {
  std::string ledger;
  std::string host;
  const ChainState* previous = nullptr;  // last signed state; null before the first
  std::optional<NewChain> fresh;         // REQUIRED where `previous` is null
  std::optional<Anchor> anchor;          // newest verified
  std::optional<Lost> lost;
  std::optional<UnixSeconds>
      since_bound;  // a `since` of `previous` after it was never taken and begins anew
};

struct BuiltReport {
  Report report;
  std::vector<std::string>
      blobs;  // new heads and bodies, a new context with its pieces, the list behind changed_blob
};

// Rules (records.md): a verdict that stands keeps its `since`, across chains too; a subject that
// vanished in a complete look is `unknown: gone` for one look, then removed; in an incomplete look
// it is unknown. A row that has no canonical form becomes an unknown row that says so. A look is
// incomplete where the outcome has an unknown row with subject `host`.
//
// FailedPrecondition: a new chain or context needs a look at every group. ResourceExhausted: the
// report is over its bound and has to begin a new chain. InvalidArgument: the outcomes are not
// those of the plan, or a subject stands twice.
absl::StatusOr<BuiltReport> BuildReport(const HostView& host, const BuiltContext& context,
                                        const Look& look, const ReportBasis& basis);

}  // namespace tom

#endif  // TOM_AGENT_REPORT_BUILDER_H_
