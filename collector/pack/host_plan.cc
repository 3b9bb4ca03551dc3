#include "collector/pack/host_plan.h"

#include <algorithm>
#include <set>

#include "evidence/bundle.h"
#include "evidence/context.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kFirstWindow = 64;  // statements read at once on the way back
constexpr int kMaxMoves = 64;          // of an opening; after that the host is shown from its first

// Statements of one branch from the newest that is not yet there back to `low`.
absl::Status Prepend(const StoreView& view, int64_t branch, uint64_t low, uint64_t high,
                     std::vector<StoredReport>& run) {
  std::vector<StoredReport> part;
  TOM_RETURN_IF_ERROR(view.VisitReports(branch, low, high, [&](const StoredReport& report) {
    part.push_back(report);
    return absl::OkStatus();
  }));
  run.insert(run.begin(), std::make_move_iterator(part.begin()),
             std::make_move_iterator(part.end()));
  return absl::OkStatus();
}

// The index in `run` from which on every group of the context is looked at; nothing if some is not.
std::optional<size_t> StartOfLooks(const std::vector<StoredReport>& run, const Context& context) {
  std::set<std::string> wanted;
  for (const auto& [interval, checks] : context.groups) wanted.insert(interval);
  for (size_t i = run.size(); i-- > 0;) {
    for (const auto& [interval, state] : run[i].report.groups) wanted.erase(interval);
    if (wanted.empty()) return i;
  }
  return std::nullopt;
}

class Planner {
 public:
  Planner(const StoreView& view, const PlanRequest& request, const std::vector<BranchRow>& branches)
      : view_(view), request_(request), branches_(branches) {}

  absl::StatusOr<HostPlan> Run() {
    TOM_RETURN_IF_ERROR(FindEnds());
    UnixSeconds start = request_.period.from;
    for (int move = 0; move < kMaxMoves; ++move) {
      TOM_RETURN_IF_ERROR(FindStarts(start));
      if (Before() < request_.whole_below || starts_.empty()) break;
      TOM_ASSIGN_OR_RETURN(const UnixSeconds earlier, StartBefore(start));
      if (earlier == start) return Plan();
      start = earlier;
    }
    starts_.clear();
    return Plan();
  }

 private:
  // The last statement of each branch to show: the first after the period, else the newest that is
  // stamped. Branches that begin after the period have none.
  absl::Status FindEnds() {
    for (const BranchRow& branch : branches_) {
      TOM_ASSIGN_OR_RETURN(const std::optional<uint64_t> stamped,
                           view_.LastSeqUnder(branch.id, request_.size));
      TOM_ASSIGN_OR_RETURN(const std::optional<uint64_t> inside,
                           view_.LastSeqBefore(branch.id, request_.period.to));
      if (stamped && inside) ends_[branch.id] = std::min(*stamped, *inside + 1);
      if (stamped) stamped_[branch.id] = *stamped;
    }
    // What a chain continues is shown to its end, wherever its clock put that.
    for (auto branch = branches_.rbegin(); branch != branches_.rend(); ++branch) {
      const bool needed = branch->continued_by != 0 && ends_.contains(branch->continued_by);
      if (needed && stamped_.contains(branch->id)) ends_[branch->id] = stamped_[branch->id];
    }
    return absl::OkStatus();
  }

  absl::Status FindStarts(UnixSeconds start) {
    starts_.clear();
    for (const BranchRow& branch : branches_) {
      const auto end = ends_.find(branch.id);
      if (end == ends_.end()) continue;
      TOM_ASSIGN_OR_RETURN(const std::optional<uint64_t> before,
                           view_.LastSeqBefore(branch.id, start));
      if (before) starts_[branch.id] = std::min(*before, end->second);
    }
    return absl::OkStatus();
  }

  uint64_t Before() const {
    uint64_t count = 0;
    for (const BranchRow& branch : branches_) {
      const auto start = starts_.find(branch.id);
      if (start != starts_.end()) count += start->second - branch.from_seq;
    }
    return count;
  }

  // Continued by a chain that is itself shown from an opening: what it was is in there.
  bool IsOver(const BranchRow& branch) const {
    return branch.continued_by != 0 && starts_.contains(branch.continued_by);
  }

  // `start` where openings there tell all that bears on the period, else an earlier time.
  absl::StatusOr<UnixSeconds> StartBefore(UnixSeconds start) const {
    UnixSeconds earlier = start;
    std::vector<bool> told(request_.findings.size(), false);
    for (const BranchRow& branch : branches_) {
      const auto seq = starts_.find(branch.id);
      if (seq == starts_.end() || IsOver(branch)) continue;
      const StatementAt newest{branch.id, seq->second};
      TOM_ASSIGN_OR_RETURN(const std::vector<StoredReport> looks, LooksUpTo(view_, newest));
      for (const StoredReport& look : looks) {
        // A look whose time was corrected would count otherwise without what came before it.
        if (look.covers && look.counted == look.report.observed_at) continue;
        earlier = std::min(earlier, looks.front().counted);
      }
      TOM_RETURN_IF_ERROR(MarkTold(newest, looks.back().counted, told));
    }
    for (size_t i = 0; i < told.size(); ++i) {
      const Finding& finding = request_.findings[i];
      const bool rows = finding.head != Digest();
      if (rows && !told[i]) earlier = std::min(earlier, finding.opened_at);
    }
    return earlier;
  }

  absl::Status MarkTold(StatementAt newest, UnixSeconds counted, std::vector<bool>& told) const {
    if (told.empty()) return absl::OkStatus();
    TOM_ASSIGN_OR_RETURN(const std::vector<Digest> heads, view_.HeadsAt(newest.branch, newest.seq));
    for (const Digest& digest : heads) {
      TOM_ASSIGN_OR_RETURN(const std::string bytes, view_.Blob(digest));
      TOM_ASSIGN_OR_RETURN(const Head head, ParseHead(bytes));
      if (head.verdict != Verdict::kFail) continue;
      for (size_t i = 0; i < told.size(); ++i) {
        const Finding& finding = request_.findings[i];
        const bool same = finding.key == KeyOf(head);
        if (same && finding.opened_at == std::min(head.since, counted)) told[i] = true;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<HostPlan> Plan() const {
    HostPlan plan;
    for (const BranchRow& branch : branches_) {
      const auto end = ends_.find(branch.id);
      if (end == ends_.end() || IsOver(branch)) continue;
      BranchPlan shown{std::nullopt, branch.from_seq, end->second};
      if (const auto start = starts_.find(branch.id); start != starts_.end()) {
        shown.opening = StatementAt{branch.id, start->second};
        shown.first = start->second + 1;
      } else if (branch.parent != 0) {
        TOM_ASSIGN_OR_RETURN(const bool follows, FollowsShown(branch, plan));
        if (!follows) shown.opening = StatementAt{branch.parent, branch.from_seq - 1};
      }
      plan.emplace(branch.id, shown);
    }
    return plan;
  }

  // Whether the statement that a fork goes on from is shown in the same bundle.
  absl::StatusOr<bool> FollowsShown(const BranchRow& branch, const HostPlan& plan) const {
    const auto parent = plan.find(branch.parent);
    const uint64_t base = branch.from_seq - 1;
    if (parent == plan.end() || base > parent->second.last) return false;
    if (base + 1 < parent->second.first) return false;
    const bool from_opening = base < parent->second.first;
    if (from_opening && !parent->second.opening) return false;
    // An opening stands in the bundle of the first statement after it.
    const bool moves = from_opening && parent->second.first <= parent->second.last;
    TOM_ASSIGN_OR_RETURN(const StoredReport at,
                         view_.Report(branch.parent, moves ? base + 1 : base));
    TOM_ASSIGN_OR_RETURN(const StoredReport first, view_.Report(branch.id, branch.from_seq));
    return MonthOf(at.leaf_body.received_at) == MonthOf(first.leaf_body.received_at);
  }

  const StoreView& view_;
  const PlanRequest& request_;
  const std::vector<BranchRow>& branches_;
  std::map<int64_t, uint64_t> stamped_;  // newest stamped statement, by branch
  std::map<int64_t, uint64_t> ends_;
  std::map<int64_t, uint64_t> starts_;  // newest look of the opening, by branch
};

}  // namespace

absl::StatusOr<std::vector<StoredReport>> LooksUpTo(const StoreView& view, StatementAt newest) {
  std::vector<StoredReport> run;
  std::optional<Context> context;
  uint64_t high = newest.seq;
  uint64_t window = kFirstWindow;
  TOM_ASSIGN_OR_RETURN(BranchRow branch, view.BranchById(newest.branch));
  while (true) {
    const uint64_t low = high - branch.from_seq >= window ? high - window + 1 : branch.from_seq;
    TOM_RETURN_IF_ERROR(Prepend(view, branch.id, low, high, run));
    if (run.empty()) return absl::DataLossError("store: a branch without its reports");
    if (!context) {
      TOM_ASSIGN_OR_RETURN(const std::string bytes, view.Blob(run.back().report.context));
      TOM_ASSIGN_OR_RETURN(context, ParseContext(bytes));
    }
    if (const auto start = StartOfLooks(run, *context)) {
      run.erase(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(*start));
      return run;
    }
    if (low == 0) return absl::DataLossError("store: a chain that never looked at a group");
    high = low - 1;
    window *= 4;
    if (low > branch.from_seq) continue;
    if (branch.parent == 0) return absl::DataLossError("store: a branch without its parent");
    TOM_ASSIGN_OR_RETURN(branch, view.BranchById(branch.parent));
  }
}

absl::StatusOr<HostPlan> PlanHost(const StoreView& view, const std::string& host,
                                  const PlanRequest& request) {
  TOM_ASSIGN_OR_RETURN(const std::vector<BranchRow> branches, view.Branches(host));
  return Planner(view, request, branches).Run();
}

}  // namespace tom
