// What the agent's last signed statement says: enough to sign the next one, and nothing of it is a
// guess.
//
// The state follows from the signed statements and their blobs alone (ApplyStatement), so that the
// spool's log is also its journal: after a crash the state is rebuilt from the last checkpoint and
// the statements signed since.
#ifndef TOM_AGENT_CHAIN_STATE_H_
#define TOM_AGENT_CHAIN_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/replay.h"
#include "evidence/report.h"
#include "evidence/row.h"

namespace tom {

// The row a head speaks of, as replay sees it.
inline RowKey RowKeyOf(const Head& head) { return {head.check, head.params, head.subject_id}; }

// One row in force, and the subject's name, which a later `gone` row has to give again.
struct SignedRow {
  Head head;
  Digest digest;        // of the head
  std::string subject;  // raw bytes
  bool gone = false;    // unknown because the subject vanished: the next complete look removes it
};

inline constexpr std::string_view kGoneReason = "gone";

struct ChainState {
  std::string chain;  // 16 hex digits
  uint64_t seq = 0;
  Digest tip;  // digest of the statement with that seq
  UnixSeconds observed_at = 0;
  Digest context;
  std::map<std::string, std::vector<std::string>> groups;  // of that context
  std::map<std::string, UnixSeconds> looks;  // interval -> observed_at of its last look
  std::optional<Anchor> anchor;
  std::vector<Digest> base;  // what the chain's first statement continues
  std::map<RowKey, SignedRow> rows;

  // The interval whose group `check` belongs to; empty when the context does not name it.
  std::string IntervalOf(std::string_view check) const;
  // The state of one group over the rows in force.
  Digest StateOf(std::string_view interval) const;
};

// Moves `state` (none before a host's first statement) past the signed report `payload`. `blobs`
// must hold each new head, its body, a new context and the list behind changed_blob, whatever their
// order. Fails where the payload does not follow from the state or a group's state is not that of
// the rows; `state` is then unchanged.
absl::Status ApplyStatement(std::string_view payload, const std::vector<std::string>& blobs,
                            std::optional<ChainState>& state);

// JSON of the agent's own, {anchor?, base?, chain, context, groups, looks, observed_at, rows?, seq,
// tip}; strict.
Json ChainStateToJson(const ChainState& state);
absl::StatusOr<ChainState> ChainStateFromJson(const Json& json);

}  // namespace tom

#endif  // TOM_AGENT_CHAIN_STATE_H_
