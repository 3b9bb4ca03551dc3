// The same rules as evidence/intervals.h, on stored rows: a branch has its own intervals, a fork
// copies what stood at the fork, a chain that continues others takes over the intervals of equal
// heads and closes the rest.
#include <algorithm>
#include <map>

#include "collector/ingest/report_rows.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using OpenRows = std::map<RowKey, IntervalRow>;

absl::StatusOr<OpenRows> Load(const StoreView& view, int64_t branch) {
  TOM_ASSIGN_OR_RETURN(std::vector<IntervalRow> rows, view.OpenIntervals(branch));
  OpenRows open;
  for (IntervalRow& row : rows) open.emplace(row.interval.key, std::move(row));
  return open;
}

IntervalRow RowOf(const Head& head, const Digest& digest, int64_t branch, UnixSeconds from,
                  uint64_t leaf) {
  IntervalRow row;
  row.branch = branch;
  row.opened_by = leaf;
  row.interval.key = KeyOf(head);
  row.interval.from = from;
  row.interval.to = kForever;
  row.interval.verdict = head.verdict;
  row.interval.scope = head.scope;
  row.interval.excluded = head.excluded;
  row.interval.valid_until = head.valid_until;
  row.interval.head = digest;
  row.interval.check_digest = head.check_digest;
  return row;
}

absl::Status Close(StoreTransaction& store, IntervalRow& row, UnixSeconds at, uint64_t leaf,
                   IntervalEnd end) {
  row.interval.to = std::max(row.interval.from + 1, at);
  row.interval.end = end;
  row.closed_by = leaf;
  return store.PutInterval(row);
}

// What stood in the parent after its statement `seq`, copied into `branch` with the beginning it
// had there.
absl::Status CopyFork(StoreTransaction& store, const AcceptedReport& accepted,
                      const BranchRow& branch) {
  const uint64_t seq = accepted.report->seq - 1;
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> heads, store.HeadsAt(branch.parent, seq));
  const UnixSeconds at = accepted.before->counted;
  TOM_ASSIGN_OR_RETURN(const std::vector<IntervalRow> rows,
                       store.Intervals(accepted.report->host, {0, at + 1}));
  std::map<Digest, const IntervalRow*> known;
  for (const IntervalRow& row : rows) {
    const auto [found, added] = known.emplace(row.interval.head, &row);
    if (!added && row.interval.from > found->second->interval.from) found->second = &row;
  }
  for (const Digest& digest : heads) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes, store.Blob(digest));
    TOM_ASSIGN_OR_RETURN(const Head head, ParseHead(bytes));
    const auto row = known.find(digest);
    const UnixSeconds from = row == known.end() ? at : row->second->interval.from;
    const uint64_t leaf = row == known.end() ? branch.tip_leaf : row->second->opened_by;
    IntervalRow copy = RowOf(head, digest, branch.id, from, leaf);
    TOM_RETURN_IF_ERROR(store.PutInterval(copy));
  }
  return absl::OkStatus();
}

// A new chain: ends the branches whose tips it continues.
absl::Status TakeOver(StoreTransaction& store, const AcceptedReport& accepted,
                      const BranchRow& branch, const std::map<RowKey, Digest>& opened) {
  OpenRows kept;
  const UnixSeconds now = accepted.step->counted.time;
  for (BranchRow old : accepted.place->branches) {
    const std::vector<Digest>& tips = accepted.report->continues;
    if (old.continued_by != 0 || !std::binary_search(tips.begin(), tips.end(), old.tip.tip)) {
      continue;
    }
    old.continued_by = branch.id;
    TOM_RETURN_IF_ERROR(store.UpdateBranch(old));
    TOM_ASSIGN_OR_RETURN(OpenRows open, Load(store, old.id));
    for (auto& [key, row] : open) {
      const auto same = opened.find(key);
      const auto twin = kept.find(key);
      if (same == opened.end()) {
        TOM_RETURN_IF_ERROR(Close(store, row, now, branch.tip_leaf, IntervalEnd::kChainEnd));
      } else if (same->second != row.interval.head || twin != kept.end()) {
        if (twin != kept.end() && row.interval.from < twin->second.interval.from &&
            same->second == row.interval.head) {
          twin->second.interval.from = row.interval.from;
          TOM_RETURN_IF_ERROR(store.PutInterval(twin->second));
        }
        TOM_RETURN_IF_ERROR(Close(store, row, now, branch.tip_leaf, IntervalEnd::kReplaced));
      } else {
        row.branch = branch.id;
        TOM_RETURN_IF_ERROR(store.PutInterval(row));
        kept.emplace(key, row);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CloseRows(StoreTransaction& store, const ReplayStep& step, OpenRows& open,
                       const std::map<RowKey, Digest>& opened, uint64_t leaf) {
  for (const Head& head : step.closed) {
    const auto row = open.find(KeyOf(head));
    if (row == open.end()) continue;
    IntervalEnd end = IntervalEnd::kRemoved;
    if (opened.contains(row->first)) {
      end = IntervalEnd::kReplaced;
    } else if (std::find(step.undemanded.begin(), step.undemanded.end(),
                         row->second.interval.head) != step.undemanded.end()) {
      end = IntervalEnd::kUndemanded;
    }
    TOM_RETURN_IF_ERROR(Close(store, row->second, step.counted.time, leaf, end));
    open.erase(row);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteIntervals(StoreTransaction& store, const AcceptedReport& accepted,
                            const BranchRow& branch, uint64_t leaf) {
  const ReplayStep& step = *accepted.step;
  std::map<RowKey, Digest> opened;
  for (const Head& head : step.opened) opened[KeyOf(head)] = HeadDigest(head);
  if (accepted.place->place == Place::kForks && branch.parent != 0) {
    TOM_RETURN_IF_ERROR(CopyFork(store, accepted, branch));
  }
  if (accepted.before == nullptr) {
    TOM_RETURN_IF_ERROR(TakeOver(store, accepted, branch, opened));
  }
  if (step.opened.empty() && step.closed.empty()) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(OpenRows open, Load(store, branch.id));
  TOM_RETURN_IF_ERROR(CloseRows(store, step, open, opened, leaf));
  for (const Head& head : step.opened) {
    const RowKey key = KeyOf(head);
    if (open.contains(key)) continue;  // an equal head keeps the interval of the chain before
    IntervalRow row = RowOf(head, opened[key], branch.id, step.counted.time, leaf);
    TOM_RETURN_IF_ERROR(store.PutInterval(row));
  }
  return absl::OkStatus();
}

}  // namespace tom
