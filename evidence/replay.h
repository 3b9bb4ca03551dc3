// Reports -> intervals of verdicts and presence, as pure steps (records.md "Report", "Ledger and
// time", "Store"). Ingest and verifier run the same steps: ingest one by one as reports come, the
// verifier over a whole chain.
//
// Following `prev`, never seq. One Branch is the state after one statement; a fork is two Branches
// from one.
#ifndef TOM_EVIDENCE_REPLAY_H_
#define TOM_EVIDENCE_REPLAY_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/context.h"
#include "evidence/report.h"
#include "evidence/row.h"
#include "evidence/utc_time.h"

namespace tom {

// The row a head speaks of; within one branch at most one head has a given key.
struct RowKey {
  std::string check;
  Digest params;
  std::string subject_id;
  auto operator<=>(const RowKey&) const = default;
};
RowKey KeyOf(const Head& head);

// What is known of one branch after its newest statement, without the heads: enough for a
// heartbeat.
struct Branch {
  std::string ledger;
  std::string host;
  std::string chain;
  uint64_t seq = 0;
  Digest tip;
  UnixSeconds counted = 0;  // counted time of the tip
  Digest context;
  std::optional<Anchor> anchor;
  std::map<std::string, Digest> states;  // interval -> state
  std::map<std::string, UnixSeconds>
      looks;  // interval -> counted time of the last look that counted
};

// The bracket of one look, and what else bears on its counted time.
struct TimeFacts {
  std::optional<UnixSeconds> not_before;  // stamp of its anchor
  std::optional<UnixSeconds>
      not_after;  // earliest stamp over itself or a descendant; absent: none yet
  std::optional<UnixSeconds> received_at;  // of its leaf, where one is proven
};

struct CountedTime {
  UnixSeconds time = 0;
  bool covers = true;     // false: the look covers nothing, its changes count at `time`
  bool anchored = false;  // both ends of the bracket known and not wider than anchor_max
};

// `previous` is the counted time of `prev` (0 for a chain's first). A report cannot be received
// before it was observed, so a proven received_at over 5 min before observed_at counts instead of
// it, wherever observed_at lies.
CountedTime CountTime(UnixSeconds observed_at, UnixSeconds previous, const TimeFacts& facts,
                      int64_t anchor_max_seconds);

// Heads by digest; gives null for one that is not known. The heads must stay alive during the step.
using HeadLookup = std::function<const Head*(const Digest&)>;

// What one report changes.
struct ReplayStep {
  Branch branch;  // after the report
  CountedTime counted;
  std::vector<std::string> looked;  // intervals looked at
  std::vector<Head> opened;         // in force from counted.time on
  std::vector<Head> closed;         // no longer in force from counted.time on
  std::vector<Digest>
      undemanded;  // digests of those closed whose check and params the context no longer asks for
};

// Applies `report` (whose statement digest is `digest`) to `before`, or begins a chain when
// `before` is null. REQUIRES: `context` is the blob that report.context names, and `demanded` its
// params pieces. `current` holds the heads in force in `before`, at least those of the groups in
// which something changes - all of them with a new context; it may be null for a heartbeat and for
// a chain's first. `lookup` gives changed heads; `changed_list` is the list behind changed_blob
// when there is one. `continued` holds, for each tip of `continues` that is known, the heads in
// force there; equal or not, they are what an older `since` is checked against. Where a named tip
// is not among them, any older `since` is taken.
//
// Fails, naming the member, where the report breaks a rule: other ledger or host, seq or prev that
// do not follow, an anchor smaller than before or left out, a first report or new context that does
// not look at every group, a group the context does not name, a check of the context without params
// piece, a removed head that is not there, a changed one that is or has no head, two heads of one
// key, a recomputed state that differs, a check x params of the context without a row, a row under
// params that the context does not name, a `since` that breaks its rule, a state that changed
// without changed or removed.
//
// With `withheld` pieces (a pack for one controller lacks another's) rows may stand under as many
// sets of parameters that nobody shows; whether each of those has a row is then not known, and a
// row counts as undemanded only where it is certain that none of them asks for it.
struct ReplayInput {
  const Branch* before = nullptr;
  const Report* report = nullptr;
  Digest digest;
  const Context* context = nullptr;
  std::vector<std::pair<std::string, Digest>>
      demanded;         // (check, params) of the context's params pieces
  size_t withheld = 0;  // params pieces that the context names and `demanded` lacks
  const std::map<Digest, Head>* current = nullptr;
  HeadLookup lookup;
  const std::vector<Digest>* changed_list = nullptr;
  std::vector<const std::map<Digest, Head>*> continued;
  TimeFacts time;
  int64_t anchor_max_seconds = 0;
};
absl::StatusOr<ReplayStep> ApplyReport(const ReplayInput& input);

// The counted time of `step` once more is known of its bracket: sets step.counted, branch.counted
// and branch.looks as ApplyReport would have with those facts. `before` is the branch before, with
// its final counted time (null: chain's first).
void CountStep(const Branch* before, UnixSeconds observed_at, const TimeFacts& facts,
               int64_t anchor_max_seconds, ReplayStep& step);

}  // namespace tom

#endif  // TOM_EVIDENCE_REPLAY_H_
