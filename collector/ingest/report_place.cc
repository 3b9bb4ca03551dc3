#include "collector/ingest/report_place.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

// Whether statement `seq` of the branch is `digest`.
absl::StatusOr<bool> Holds(const StoreView& view, const BranchRow& branch, uint64_t seq,
                           const Digest& digest) {
  if (seq < branch.from_seq || seq > branch.tip.seq) return false;
  TOM_ASSIGN_OR_RETURN(const Digest found, view.ReportDigest(branch.id, seq));
  return found == digest;
}

}  // namespace

absl::StatusOr<ReportPlace> FindPlace(const StoreView& view, const Report& report,
                                      const Digest& digest) {
  ReportPlace out;
  TOM_ASSIGN_OR_RETURN(out.branches, view.Branches(report.host));
  for (const BranchRow& branch : out.branches) {
    if (branch.tip.chain != report.chain) continue;
    TOM_ASSIGN_OR_RETURN(const bool same, Holds(view, branch, report.seq, digest));
    if (same) {
      out.place = Place::kDuplicate;
      out.branch = branch;
      return out;
    }
    if (report.seq == 0) {
      out.place = Place::kForks;  // two beginnings of one chain
      out.branch = branch;
      continue;
    }
    TOM_ASSIGN_OR_RETURN(const bool follows, Holds(view, branch, report.seq - 1, *report.prev));
    if (!follows) continue;
    const bool at_tip = branch.tip.seq == report.seq - 1 && branch.continued_by == 0;
    out.place = at_tip ? Place::kExtends : Place::kForks;
    out.branch = branch;
  }
  if (out.place == Place::kUnknown && report.seq == 0) out.place = Place::kStarts;
  return out;
}

}  // namespace tom
