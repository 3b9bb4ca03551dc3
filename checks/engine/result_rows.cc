#include "checks/engine/result_rows.h"

#include <algorithm>
#include <map>

#include "checks/engine/check_runner.h"
#include "checks/engine/clean_text.h"
#include "checks/engine/row_builder.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Rows = std::map<std::string, RowResult>;  // by subject

RowResult HostRow(Verdict verdict, const std::string& reason) {
  RowResult row;
  row.subject = kHostSubject;
  row.verdict = verdict;
  row.reason = CleanText(reason, limits::kMaxStringBytes);
  return row;
}

void Merge(Rows& rows, RowResult row) {
  const auto [at, added] = rows.try_emplace(row.subject, row);
  if (!added && row.verdict > at->second.verdict) at->second = std::move(row);
}

// The names of the tables that gave no row, or "".
std::string EmptyTables(const SqlResult& result) {
  std::string names;
  for (const auto& [table, rows] : result.scanned) {
    if (rows == 0) names += (names.empty() ? "" : ", ") + table;
  }
  return names;
}

std::string Joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

RowResult EmptyRow(const Check& check, const SqlResult& result) {
  const Verdict verdict = VerdictFromName(check.when_empty).value_or(Verdict::kUnknown);
  const std::string nothing = EmptyTables(result);
  if (verdict == Verdict::kPass && (result.scanned.empty() || !nothing.empty())) {
    return HostRow(Verdict::kUnknown, "nothing was examined: no row in " + nothing);
  }
  return HostRow(verdict, "no subject");
}

// An osquery policy: the host passes when there are rows, or when there are none, and everything
// was looked at.
RowResult PolicyRow(const Check& check, const SqlResult& result) {
  const bool wants_rows = check.expects == "rows";
  const bool holds = result.rows.empty() != wants_rows;
  const std::string count = result.rows.empty() ? "the query gives no row" : "the query gives rows";
  const std::string nothing = EmptyTables(result);
  if (result.scanned.empty() || !nothing.empty()) {
    return HostRow(Verdict::kUnknown, "nothing was examined: no row in " + nothing);
  }
  return HostRow(holds ? Verdict::kPass : Verdict::kFail, count);
}

// What was not seen may have held a failure: no pass can stand.
void DoubtAll(Rows& rows, const std::string& reason) {
  for (auto& [subject, row] : rows) {
    if (row.verdict == Verdict::kPass) Doubt(row, reason);
  }
  Merge(rows, HostRow(Verdict::kUnknown, reason));
}

// At most the bound, the worst kept, ordered by subject.
std::vector<RowResult> Bounded(Rows rows) {
  if (rows.size() > limits::kMaxRowsPerCheck) {
    DoubtAll(rows, "truncated: more than 1000 rows");
    std::vector<const RowResult*> order;
    for (const auto& [subject, row] : rows) {
      if (subject != kHostSubject) order.push_back(&row);
    }
    std::stable_sort(order.begin(), order.end(), [](const RowResult* a, const RowResult* b) {
      return a->verdict > b->verdict;
    });
    Rows kept{{kHostSubject, rows.at(kHostSubject)}};
    for (size_t i = 0; i + 1 < limits::kMaxRowsPerCheck; ++i) kept[order[i]->subject] = *order[i];
    rows = std::move(kept);
  }
  std::vector<RowResult> list;
  for (auto& [subject, row] : rows) list.push_back(std::move(row));
  return list;
}

absl::StatusOr<Rows> SubjectRows(const Check& check, const SqlResult& result, UnixSeconds now) {
  Rows rows;
  TOM_ASSIGN_OR_RETURN(const RowBuilder builder, RowBuilder::Create(check, result.columns));
  for (const ValueRow& cells : result.rows) {
    TOM_ASSIGN_OR_RETURN(RowResult row, builder.Build(cells, now));
    Merge(rows, std::move(row));
  }
  return rows;
}

}  // namespace

absl::StatusOr<std::vector<RowResult>> RowsOfResult(const Check& check, const SqlResult& result,
                                                    UnixSeconds now) {
  Rows rows;
  if (!check.expects.empty()) {
    Merge(rows, PolicyRow(check, result));
  } else {
    TOM_ASSIGN_OR_RETURN(rows, SubjectRows(check, result, now));
  }
  if (rows.empty() && result.incomplete.empty()) Merge(rows, EmptyRow(check, result));
  if (!result.incomplete.empty())
    DoubtAll(rows, "not everything was read: " + Joined(result.incomplete));
  if (result.truncated) DoubtAll(rows, "truncated: more rows than the bound");
  return Bounded(std::move(rows));
}

}  // namespace tom
