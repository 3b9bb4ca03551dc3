#include "agent/report_rows.h"

#include <algorithm>

#include "evidence/limits.h"
#include "evidence/status_text.h"
#include "evidence/time_set.h"

namespace tom {
namespace {

struct RowMaker {
  const HostView& host;
  const BuiltContext& context;
  const Look& look;
  const ChainState* previous;
  std::optional<UnixSeconds> since_bound;
};

bool IsComplete(const CheckOutcome& outcome) {
  return std::none_of(outcome.rows.begin(), outcome.rows.end(), [](const RowResult& row) {
    return row.subject == "host" && row.verdict == Verdict::kUnknown;
  });
}

// A subject that fits no record keeps its identity in the subject_id; what is shown is its
// beginning.
std::string ShownSubject(const std::string& subject) {
  constexpr size_t kLongest = limits::kMaxStringBytes / 2;  // base64 of bytes must fit too
  return subject.size() <= kLongest ? subject : subject.substr(0, kLongest);
}

RowResult Unrecordable(const RowResult& row, const absl::Status& why) {
  RowResult unknown;
  unknown.subject = ShownSubject(row.subject);
  unknown.verdict = row.verdict == Verdict::kFail ? Verdict::kFail : Verdict::kUnknown;
  unknown.reason = "the row cannot be recorded: " + std::string(why.message().substr(0, 200));
  if (!IsUtf8(unknown.reason) || unknown.reason.find('\0') != std::string::npos) {
    unknown.reason = "the row cannot be recorded";
  }
  return unknown;
}

Body BodyOf(const RowResult& row) { return Body{row.subject, row.reason, row.evidence, ""}; }

Head HeadOf(const RowMaker& maker, const CheckOutcome& outcome, const RowResult& row,
            const std::string& subject_id) {
  Head head;
  head.check = outcome.check;
  head.check_digest = outcome.check_digest;
  head.params = outcome.params;
  head.subject_id = subject_id;
  head.scope = ScopeOf(maker.host, row.subject);
  head.verdict = row.verdict;
  head.valid_until = row.valid_until;
  head.since = maker.look.observed_at;
  const RowKey key = RowKeyOf(head);
  if (maker.previous != nullptr) {
    const auto before = maker.previous->rows.find(key);
    const bool same =
        before != maker.previous->rows.end() && before->second.head.verdict == head.verdict;
    if (same && before->second.head.since <= maker.since_bound.value_or(kForever)) {
      head.since = before->second.head.since;
    }
  }
  const auto excluded = maker.context.excluded.find(key);
  if (excluded != maker.context.excluded.end()) head.excluded = excluded->second;
  return head;
}

absl::StatusOr<NewRow> Finish(const RowMaker& maker, const CheckOutcome& outcome,
                              const RowResult& row, const std::string& subject_id) {
  TOM_RETURN_IF_ERROR(CheckBody(BodyOf(row)));
  const Body body = SaltBody(BodyOf(row), maker.host.salt_key, outcome.check, outcome.params);
  NewRow made;
  made.body_bytes = Canonical(BodyToJson(body));
  made.head = HeadOf(maker, outcome, row, subject_id);
  made.head.body = Sha256(made.body_bytes);
  TOM_RETURN_IF_ERROR(CheckRow(made.head, body));
  made.head_bytes = Canonical(HeadToJson(made.head));
  made.digest = Sha256(made.head_bytes);
  return made;
}

absl::Status AddRow(const RowMaker& maker, const CheckOutcome& outcome, const RowResult& row,
                    NewRows& rows) {
  const std::string id = SubjectId(maker.host.salt_key, outcome.check, outcome.params, row.subject);
  absl::StatusOr<NewRow> made = Finish(maker, outcome, row, id);
  if (!made.ok()) made = Finish(maker, outcome, Unrecordable(row, made.status()), id);
  if (!made.ok()) return Annotate(made.status(), "row of " + outcome.check);
  const RowKey key = RowKeyOf(made->head);
  if (rows.emplace(key, *std::move(made)).second) return absl::OkStatus();
  return BadData("outcome of " + outcome.check + " has a subject twice");
}

// Subjects that stood before and have no row now.
absl::Status AddVanished(const RowMaker& maker, const CheckOutcome& outcome, NewRows& rows) {
  const bool complete = IsComplete(outcome);
  const RowKey first{outcome.check, outcome.params, ""};
  const auto& before = maker.previous->rows;
  for (auto row = before.lower_bound(first); row != before.end(); ++row) {
    if (row->first.check != outcome.check || row->first.params != outcome.params) break;
    if (rows.contains(row->first)) continue;
    if (complete && row->second.gone) continue;
    RowResult unknown;
    unknown.subject = row->second.subject;
    unknown.reason = complete ? kGoneReason : kUnseenReason;
    absl::StatusOr<NewRow> made = Finish(maker, outcome, unknown, row->first.subject_id);
    if (!made.ok()) return Annotate(made.status(), "row of " + outcome.check);
    rows.emplace(row->first, *std::move(made));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NewRows> MakeRows(const HostView& host, const BuiltContext& context,
                                 const Look& look, const ReportBasis& basis) {
  const RowMaker maker{host, context, look, basis.previous, basis.since_bound};
  NewRows rows;
  for (const CheckOutcome& outcome : look.outcomes) {
    for (const RowResult& row : outcome.rows) {
      TOM_RETURN_IF_ERROR(AddRow(maker, outcome, row, rows));
    }
    if (basis.previous != nullptr) TOM_RETURN_IF_ERROR(AddVanished(maker, outcome, rows));
  }
  return rows;
}

}  // namespace tom
