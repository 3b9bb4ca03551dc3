#include "agent/report_builder.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "agent/report_rows.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::set<std::string> LookedIntervals(const BuiltContext& context, const Look& look) {
  std::set<std::string> checks;
  for (const CheckOutcome& outcome : look.outcomes) checks.insert(outcome.check);
  std::set<std::string> intervals;
  for (const PlannedCheck& planned : context.plan) {
    if (checks.contains(planned.piece.check)) intervals.insert(planned.interval);
  }
  return intervals;
}

// The outcomes are exactly the plan's checks of the groups looked at.
absl::Status CheckOutcomes(const BuiltContext& context, const Look& look,
                           const std::set<std::string>& looked) {
  std::set<std::pair<std::string, Digest>> wanted;
  for (const PlannedCheck& planned : context.plan) {
    if (looked.contains(planned.interval)) {
      wanted.emplace(planned.piece.check, planned.piece.params);
    }
  }
  for (const CheckOutcome& outcome : look.outcomes) {
    if (wanted.erase({outcome.check, outcome.params}) != 1) {
      return BadData("outcome of " + outcome.check + " is not of the plan or stands twice");
    }
    if (outcome.rows.empty()) return BadData("outcome of " + outcome.check + " has no row");
  }
  if (wanted.empty() && !looked.empty()) return absl::OkStatus();
  if (looked.empty()) return BadData("the look has no outcome");
  return BadData("the look has no outcome of " + wanted.begin()->first);
}

absl::Status CheckEveryGroup(const BuiltContext& context, const std::set<std::string>& looked,
                             const ReportBasis& basis) {
  if (basis.previous == nullptr && !basis.fresh) return BadData("a first report starts a chain");
  const bool all = basis.fresh || basis.previous->context != context.digest;
  if (!all || looked.size() == context.context.groups.size()) return absl::OkStatus();
  return absl::FailedPreconditionError("a new chain or context needs a look at every group");
}

// The digests in force that this report may remove: those of the groups looked at, or all where the
// context is new.
std::vector<Digest> Standing(const BuiltContext& context, const std::set<std::string>& looked,
                             const ReportBasis& basis) {
  std::vector<Digest> digests;
  if (basis.fresh) return digests;
  const bool all = basis.previous->context != context.digest;
  for (const auto& [key, row] : basis.previous->rows) {
    if (all || looked.contains(basis.previous->IntervalOf(key.check))) {
      digests.push_back(row.digest);
    }
  }
  std::sort(digests.begin(), digests.end());
  return digests;
}

void AddStates(const BuiltContext& context, const NewRows& rows,
               const std::set<std::string>& looked, Report& report) {
  std::map<std::string, std::string> interval_of;
  for (const PlannedCheck& planned : context.plan) {
    interval_of[planned.piece.check] = planned.interval;
  }
  std::map<std::string, std::vector<Digest>> digests;
  for (const auto& [key, row] : rows) digests[interval_of[key.check]].push_back(row.digest);
  for (const std::string& interval : looked) {
    report.groups[interval] = GroupState(std::move(digests[interval]));
  }
}

void AddChanges(const NewRows& rows, const std::vector<Digest>& standing, BuiltReport& built) {
  std::vector<Digest> now;
  for (const auto& [key, row] : rows) now.push_back(row.digest);
  std::sort(now.begin(), now.end());
  std::vector<Digest> changed;
  std::set_difference(now.begin(), now.end(), standing.begin(), standing.end(),
                      std::back_inserter(changed));
  std::set_difference(standing.begin(), standing.end(), now.begin(), now.end(),
                      std::back_inserter(built.report.removed));
  for (const auto& [key, row] : rows) {
    if (!std::binary_search(changed.begin(), changed.end(), row.digest)) continue;
    built.blobs.push_back(row.head_bytes);
    built.blobs.push_back(row.body_bytes);
  }
  if (changed.size() <= limits::kMaxHeadsInReport) {
    built.report.changed = std::move(changed);
    return;
  }
  std::string list = EncodeDigestList(changed);
  built.report.changed_blob = Sha256(list);
  built.blobs.push_back(std::move(list));
}

void AddPosition(const ReportBasis& basis, Report& report) {
  report.ledger = basis.ledger;
  report.host = basis.host;
  report.anchor = basis.anchor;
  report.lost = basis.lost;
  if (basis.fresh) {
    report.chain = basis.fresh->id;
    report.continues = basis.fresh->continues;
    return;
  }
  report.chain = basis.previous->chain;
  report.seq = basis.previous->seq + 1;
  report.prev = basis.previous->tip;
}

bool TooLarge(const Report& report) {
  constexpr size_t kHexInArray = 67;
  const size_t lists = (report.changed.size() + report.removed.size()) * kHexInArray;
  return lists + (16 << 10) > limits::kMaxReportBytes;
}

}  // namespace

absl::StatusOr<BuiltReport> BuildReport(const HostView& host, const BuiltContext& context,
                                        const Look& look, const ReportBasis& basis) {
  const std::set<std::string> looked = LookedIntervals(context, look);
  TOM_RETURN_IF_ERROR(CheckOutcomes(context, look, looked));
  TOM_RETURN_IF_ERROR(CheckEveryGroup(context, looked, basis));
  TOM_ASSIGN_OR_RETURN(const NewRows rows, MakeRows(host, context, look, basis));
  BuiltReport built;
  AddPosition(basis, built.report);
  built.report.observed_at = look.observed_at;
  built.report.duration_ms = look.duration_ms;
  built.report.clock_offset_ms = look.clock_offset_ms;
  built.report.context = context.digest;
  AddStates(context, rows, looked, built.report);
  AddChanges(rows, Standing(context, looked, basis), built);
  if (TooLarge(built.report)) {
    return absl::ResourceExhaustedError("too many changes for one report: a new chain is needed");
  }
  if (basis.previous == nullptr || basis.fresh || basis.previous->context != context.digest) {
    built.blobs.insert(built.blobs.end(), context.blobs.begin(), context.blobs.end());
  }
  return built;
}

}  // namespace tom
