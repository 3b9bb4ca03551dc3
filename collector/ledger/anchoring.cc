#include "collector/ledger/anchoring.h"

#include <algorithm>
#include <map>

#include "evidence/status_text.h"

namespace tom {
namespace {

using RunKey = std::pair<int64_t, std::string>;  // branch, group

// The newest run of each group, written back once at the end; a run that another one follows is
// written at once.
class Runs {
 public:
  explicit Runs(StoreTransaction& store) : store_(store) {}

  absl::Status Look(const LookRow& look, bool anchored) {
    TOM_RETURN_IF_ERROR(Load(look.branch));
    for (const std::string& group : look.groups) {
      TOM_RETURN_IF_ERROR(LookAt({look.branch, group}, look.counted, anchored));
    }
    return absl::OkStatus();
  }

  absl::Status Save() {
    for (const auto& [key, run] : runs_) TOM_RETURN_IF_ERROR(store_.PutAnchored(run));
    return absl::OkStatus();
  }

 private:
  absl::Status Load(int64_t branch) {
    if (!loaded_.insert({branch, true}).second) return absl::OkStatus();
    TOM_ASSIGN_OR_RETURN(const std::vector<AnchoredRow> rows, store_.NewestAnchored(branch));
    for (const AnchoredRow& row : rows) runs_[{branch, row.group}] = row;
    return absl::OkStatus();
  }

  absl::Status LookAt(const RunKey& key, UnixSeconds at, bool anchored) {
    const auto run = runs_.find(key);
    if (!anchored) {
      if (run != runs_.end()) run->second.until = std::min(run->second.until, at);
      return absl::OkStatus();
    }
    TOM_ASSIGN_OR_RETURN(const int64_t seconds, IntervalSeconds(key.second));
    if (run != runs_.end() && at <= run->second.until) {
      run->second.last = at;
      run->second.until = at + 2 * seconds;
      return absl::OkStatus();
    }
    if (run != runs_.end()) TOM_RETURN_IF_ERROR(store_.PutAnchored(run->second));
    runs_[key] = {key.first, key.second, at, at, at + 2 * seconds};
    return absl::OkStatus();
  }

  StoreTransaction& store_;
  std::map<int64_t, bool> loaded_;
  std::map<RunKey, AnchoredRow> runs_;
};

}  // namespace

absl::StatusOr<std::optional<UnixSeconds>> StampTimeOf(const StoreView& view,
                                                       const std::optional<Anchor>& anchor) {
  if (!anchor) return std::optional<UnixSeconds>();
  const absl::StatusOr<StampRow> stamp = view.StampBySize(anchor->size);
  if (absl::IsNotFound(stamp.status())) return std::optional<UnixSeconds>();
  TOM_RETURN_IF_ERROR(stamp.status());
  if (stamp->root != anchor->root || Sha256(stamp->token) != anchor->token) {
    return std::optional<UnixSeconds>();
  }
  return std::optional<UnixSeconds>(stamp->time);
}

absl::Status AnchorLooks(StoreTransaction& store, const StampRow& stamp, uint64_t previous_size,
                         int64_t anchor_max_seconds) {
  Runs runs(store);
  const auto visit = [&](const LookRow& look) -> absl::Status {
    if (!look.covers) return absl::OkStatus();
    TimeFacts facts;
    TOM_ASSIGN_OR_RETURN(facts.not_before, StampTimeOf(store, look.anchor));
    facts.not_after = stamp.time;
    return runs.Look(look, CountTime(look.counted, 0, facts, anchor_max_seconds).anchored);
  };
  TOM_RETURN_IF_ERROR(store.VisitLooks(previous_size, stamp.size, visit));
  return runs.Save();
}

absl::Status CutAnchored(StoreTransaction& store, int64_t branch,
                         const std::vector<std::string>& groups, UnixSeconds counted) {
  TOM_ASSIGN_OR_RETURN(std::vector<AnchoredRow> rows, store.NewestAnchored(branch));
  for (AnchoredRow& row : rows) {
    if (row.until <= counted || std::find(groups.begin(), groups.end(), row.group) == groups.end())
      continue;
    row.until = counted;
    TOM_RETURN_IF_ERROR(store.PutAnchored(row));
  }
  return absl::OkStatus();
}

}  // namespace tom
