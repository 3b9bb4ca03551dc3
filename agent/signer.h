// One look becomes one signed statement in the spool, or is counted as lost.
#ifndef TOM_AGENT_SIGNER_H_
#define TOM_AGENT_SIGNER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/report_builder.h"
#include "agent/spool.h"
#include "agent/state.h"
#include "evidence/keys.h"

namespace tom {

struct SigningInput {
  const EnrolmentFacts& facts;
  const PrivateKey& identity;
  const HostView& host;
  const BuiltContext& context;
  const Look& look;
  std::optional<Anchor> anchor;  // newest verified
  std::string anchor_token;      // its token, DER: travels once
};

struct SignedReport {
  Digest digest;
  Report report;
  bool new_chain = false;
};

// What became of a look. Without a report the cycle was counted as lost: the spool is too full, or
// the difference is over the bound of a report and the look was not at every group, so that no new
// chain could begin with it (`every_group`: the next look has to be).
struct SignedLook {
  std::optional<SignedReport> report;
  bool every_group = false;
};

// Fails as BuildReport does otherwise.
// REQUIRES: `spool` is open, so its lock is held: sequence number, signature and append are one
// step.
absl::StatusOr<SignedLook> SignLook(const StateDir& state, const SigningInput& input, Spool& spool);

// The cycles lost since the statement `tip` (none: before the first). Empty when none are.
absl::StatusOr<std::optional<Lost>> LoadLost(const StateDir& state,
                                             const std::optional<Digest>& tip);

}  // namespace tom

#endif  // TOM_AGENT_SIGNER_H_
