#include "collector/ingest/report_rows.h"

#include <algorithm>

#include "collector/ledger/anchoring.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// The branch's row after the report: lengthened, or a new one.
absl::StatusOr<BranchRow> WriteBranch(StoreTransaction& store, const AcceptedReport& accepted,
                                      uint64_t leaf) {
  const ReportPlace& place = *accepted.place;
  BranchRow branch;
  if (place.place == Place::kExtends) branch = *place.branch;
  branch.tip = accepted.step->branch;
  branch.tip_leaf = leaf;
  if (place.place == Place::kExtends) {
    TOM_RETURN_IF_ERROR(store.UpdateBranch(branch));
    return branch;
  }
  branch.host_id = accepted.host->id;
  branch.from_seq = accepted.report->seq;
  if (place.place == Place::kForks && accepted.report->prev) {
    branch.parent = place.branch->id;
    branch.after = accepted.report->prev;
  }
  TOM_RETURN_IF_ERROR(store.AddBranch(branch));
  return branch;
}

// Whether the look belongs to the run that `row` is.
bool Continues(const PresenceRow& row, const AcceptedReport& accepted, const Digest& state) {
  if (row.state != state || accepted.before->context != accepted.report->context) return false;
  const CountedTime& counted = accepted.step->counted;
  return !counted.covers || row.looks == 0 || counted.time <= row.until;
}

void Extend(PresenceRow& row, uint64_t seq, const CountedTime& counted, int64_t interval_seconds) {
  row.to_seq = seq;
  if (!counted.covers) return;
  if (row.looks == 0) row.from = counted.time;
  row.last = counted.time;
  row.until = counted.time + 2 * interval_seconds;
  ++row.looks;
}

absl::Status WritePresence(StoreTransaction& store, const AcceptedReport& accepted,
                           int64_t branch) {
  TOM_ASSIGN_OR_RETURN(std::vector<PresenceRow> newest, store.NewestPresence(branch));
  const CountedTime& counted = accepted.step->counted;
  for (const auto& [group, state] : accepted.report->groups) {
    TOM_ASSIGN_OR_RETURN(const int64_t seconds, IntervalSeconds(group));
    const auto row = std::find_if(newest.begin(), newest.end(),
                                  [&group = group](const auto& r) { return r.group == group; });
    if (row != newest.end() && Continues(*row, accepted, state)) {
      Extend(*row, accepted.report->seq, counted, seconds);
      TOM_RETURN_IF_ERROR(store.PutPresence(*row));
      continue;
    }
    if (row != newest.end() && counted.covers && row->until > counted.time) {
      row->until = counted.time;
      TOM_RETURN_IF_ERROR(store.PutPresence(*row));
    }
    PresenceRow next;
    next.branch = branch;
    next.group = group;
    next.from_seq = accepted.report->seq;
    next.state = state;
    next.from = next.last = next.until = counted.time;
    Extend(next, accepted.report->seq, counted, seconds);
    TOM_RETURN_IF_ERROR(store.PutPresence(next));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteReport(LedgerWriter& ledger, const AcceptedReport& accepted) {
  StoreTransaction& store = ledger.store();
  StoredReport stored;
  stored.report = *accepted.report;
  stored.digest = accepted.digest;
  stored.counted = accepted.step->counted.time;
  stored.covers = accepted.step->counted.covers;
  stored.payload = accepted.payload;
  stored.signature = accepted.signature;
  stored.leaf_body.digest = accepted.digest;
  stored.leaf_body.host = accepted.report->host;
  stored.leaf_body.chain = accepted.report->chain;
  stored.leaf_body.seq = accepted.report->seq;
  stored.leaf = ledger.Append(stored.leaf_body);
  TOM_ASSIGN_OR_RETURN(const BranchRow branch, WriteBranch(store, accepted, stored.leaf));
  stored.branch = branch.id;
  TOM_RETURN_IF_ERROR(WritePresence(store, accepted, branch.id));
  TOM_RETURN_IF_ERROR(store.AddReport(stored));
  if (accepted.before == nullptr || accepted.before->context != accepted.report->context) {
    TOM_RETURN_IF_ERROR(store.AddContext(accepted.host->id, accepted.report->context));
  }
  if (stored.covers) {
    TOM_RETURN_IF_ERROR(
        CutAnchored(store, branch.id, accepted.step->looked, accepted.step->counted.time));
  }
  return WriteIntervals(store, accepted, branch, stored.leaf);
}

}  // namespace tom
