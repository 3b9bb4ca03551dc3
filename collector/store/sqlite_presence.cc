// Presence, anchored time and verdict intervals: all that a status is computed from.
#include "collector/store/sqlite_session.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

#define TOM_INTERVAL_COLUMNS                                                                     \
  "SELECT id, branch, chk, params, subject, from_, to_, verdict, scope, excluded, valid_until, " \
  "head, opened_by, closed_by, check_digest, end_ FROM interval "

std::string GroupName(int64_t code) {
  return code >= 0 && code < static_cast<int64_t>(kIntervals.size()) ? std::string(kIntervals[code])
                                                                     : std::string();
}

PresenceRow ReadPresence(Query& row) {
  PresenceRow out;
  out.branch = row.Int(0);
  out.group = GroupName(row.Int(1));
  out.from_seq = row.Int(2);
  out.to_seq = row.Int(3);
  out.from = row.Int(4);
  out.last = row.Int(5);
  out.until = row.Int(6);
  out.state = row.DigestAt(7);
  out.looks = row.Int(8);
  return out;
}

AnchoredRow ReadAnchored(const Query& row) {
  return {row.Int(0), GroupName(row.Int(1)), row.Int(2), row.Int(3), row.Int(4)};
}

std::optional<int64_t> Leaf(const std::optional<uint64_t>& leaf) {
  if (!leaf) return std::nullopt;
  return static_cast<int64_t>(*leaf);
}

}  // namespace

absl::StatusOr<std::vector<PresenceRow>> SqliteSession::Presence(std::string_view host,
                                                                 TimeSpan span) const {
  TOM_ASSIGN_OR_RETURN(const std::vector<int64_t> branches, BranchIds(host));
  std::vector<PresenceRow> rows;
  for (const int64_t branch : branches) {
    Query query(db_,
                "SELECT branch, grp, from_seq, to_seq, from_, last, until, state, looks "
                "FROM presence WHERE branch = ? AND from_ < ? AND until > ?");
    query.Add(branch).Add(span.to).Add(span.from);
    while (query.Next()) rows.push_back(ReadPresence(query));
    TOM_RETURN_IF_ERROR(query.status());
  }
  return rows;
}

absl::StatusOr<std::vector<PresenceRow>> SqliteSession::NewestPresence(int64_t branch) const {
  std::vector<PresenceRow> rows;
  for (size_t code = 0; code < kIntervals.size(); ++code) {
    Query query(db_,
                "SELECT branch, grp, from_seq, to_seq, from_, last, until, state, looks "
                "FROM presence WHERE branch = ? AND grp = ? ORDER BY from_seq DESC LIMIT 1");
    query.Add(branch).Add(static_cast<int64_t>(code));
    if (query.Next()) rows.push_back(ReadPresence(query));
    TOM_RETURN_IF_ERROR(query.status());
  }
  return rows;
}

absl::StatusOr<std::vector<AnchoredRow>> SqliteSession::Anchored(std::string_view host,
                                                                 TimeSpan span) const {
  TOM_ASSIGN_OR_RETURN(const std::vector<int64_t> branches, BranchIds(host));
  std::vector<AnchoredRow> rows;
  for (const int64_t branch : branches) {
    Query query(db_,
                "SELECT branch, grp, from_, last, until FROM anchored "
                "WHERE branch = ? AND from_ < ? AND until > ?");
    query.Add(branch).Add(span.to).Add(span.from);
    while (query.Next()) rows.push_back(ReadAnchored(query));
    TOM_RETURN_IF_ERROR(query.status());
  }
  return rows;
}

absl::StatusOr<std::vector<AnchoredRow>> SqliteSession::NewestAnchored(int64_t branch) const {
  std::vector<AnchoredRow> rows;
  for (size_t code = 0; code < kIntervals.size(); ++code) {
    Query query(db_,
                "SELECT branch, grp, from_, last, until FROM anchored WHERE branch = ? AND grp = ? "
                "ORDER BY from_ DESC LIMIT 1");
    query.Add(branch).Add(static_cast<int64_t>(code));
    if (query.Next()) rows.push_back(ReadAnchored(query));
    TOM_RETURN_IF_ERROR(query.status());
  }
  return rows;
}

absl::Status SqliteSession::PutPresence(const PresenceRow& row) {
  Query put(db_,
            "INSERT INTO presence(branch, grp, from_seq, to_seq, from_, last, until, state, looks) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(branch, grp, from_seq) DO UPDATE SET "
            "to_seq = excluded.to_seq, from_ = excluded.from_, last = excluded.last, "
            "until = excluded.until, looks = excluded.looks");
  put.Add(row.branch).Add(int64_t{GroupCode(row.group)}).Add(static_cast<int64_t>(row.from_seq));
  put.Add(static_cast<int64_t>(row.to_seq)).Add(row.from).Add(row.last).Add(row.until);
  return put.Add(row.state).Add(row.looks).Run();
}

absl::Status SqliteSession::PutAnchored(const AnchoredRow& row) {
  Query put(db_,
            "INSERT INTO anchored(branch, grp, from_, last, until) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT(branch, grp, from_) DO UPDATE SET last = excluded.last, "
            "until = excluded.until");
  put.Add(row.branch).Add(int64_t{GroupCode(row.group)}).Add(row.from);
  return put.Add(row.last).Add(row.until).Run();
}

absl::StatusOr<IntervalRow> SqliteSession::ReadInterval(Query& row) const {
  IntervalRow out;
  out.id = row.Int(0);
  out.branch = row.Int(1);
  TOM_ASSIGN_OR_RETURN(out.interval.key.check, Term(row.Int(2)));
  TOM_ASSIGN_OR_RETURN(const std::string params, Term(row.Int(3)));
  TOM_ASSIGN_OR_RETURN(out.interval.key.params, Digest::FromRaw(params));
  out.interval.key.subject_id = HexEncode(row.Text(4));
  out.interval.from = row.Int(5);
  out.interval.to = row.Int(6);
  out.interval.verdict = static_cast<Verdict>(row.Int(7));
  TOM_ASSIGN_OR_RETURN(const std::string scope, Term(row.Int(8)));
  out.interval.scope = SplitSet(scope);
  out.interval.excluded = row.MaybeDigest(9);
  out.interval.valid_until = row.MaybeInt(10);
  out.interval.head = row.DigestAt(11);
  out.opened_by = row.Int(12);
  out.closed_by = row.MaybeInt(13);
  TOM_ASSIGN_OR_RETURN(const std::string check_digest, Term(row.Int(14)));
  TOM_ASSIGN_OR_RETURN(out.interval.check_digest, Digest::FromRaw(check_digest));
  out.interval.end = static_cast<IntervalEnd>(row.Int(15));
  TOM_RETURN_IF_ERROR(row.status());
  return out;
}

absl::StatusOr<std::vector<IntervalRow>> SqliteSession::Intervals(std::string_view host,
                                                                  TimeSpan span) const {
  TOM_ASSIGN_OR_RETURN(const std::vector<int64_t> branches, BranchIds(host));
  std::vector<IntervalRow> rows;
  for (const int64_t branch : branches) {
    Query query(db_, TOM_INTERVAL_COLUMNS "WHERE branch = ? AND to_ > ? AND from_ < ? ORDER BY id");
    query.Add(branch).Add(span.from).Add(span.to);
    while (query.Next()) {
      TOM_ASSIGN_OR_RETURN(IntervalRow row, ReadInterval(query));
      rows.push_back(std::move(row));
    }
    TOM_RETURN_IF_ERROR(query.status());
  }
  return rows;
}

absl::StatusOr<std::vector<IntervalRow>> SqliteSession::OpenIntervals(int64_t branch) const {
  std::vector<IntervalRow> rows;
  Query query(db_, TOM_INTERVAL_COLUMNS "WHERE branch = ? AND to_ = ?");
  query.Add(branch).Add(kForever);
  while (query.Next()) {
    TOM_ASSIGN_OR_RETURN(IntervalRow row, ReadInterval(query));
    rows.push_back(std::move(row));
  }
  TOM_RETURN_IF_ERROR(query.status());
  return rows;
}

absl::Status SqliteSession::PutInterval(IntervalRow& row) {
  const VerdictInterval& interval = row.interval;
  if (row.id != 0) {
    Query update(db_,
                 "UPDATE interval SET branch = ?, from_ = ?, to_ = ?, closed_by = ?, end_ = ? "
                 "WHERE id = ?");
    update.Add(row.branch).Add(interval.from).Add(interval.to).Add(Leaf(row.closed_by));
    return update.Add(static_cast<int64_t>(interval.end)).Add(row.id).Run();
  }
  TOM_ASSIGN_OR_RETURN(const int64_t check, TermId(interval.key.check));
  TOM_ASSIGN_OR_RETURN(const int64_t params, TermId(interval.key.params.Raw()));
  TOM_ASSIGN_OR_RETURN(const int64_t scope, TermId(JoinSet(interval.scope)));
  TOM_ASSIGN_OR_RETURN(const std::string subject, HexDecode(interval.key.subject_id));
  Query add(db_,
            "INSERT INTO interval(branch, chk, params, subject, from_, to_, verdict, scope, "
            "excluded, valid_until, head, opened_by, closed_by, "
            "check_digest, end_) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add.Add(row.branch).Add(check).Add(params).Add(Raw{subject}).Add(interval.from).Add(interval.to);
  add.Add(static_cast<int64_t>(interval.verdict)).Add(scope).Add(interval.excluded);
  add.Add(interval.valid_until).Add(interval.head).Add(static_cast<int64_t>(row.opened_by));
  TOM_ASSIGN_OR_RETURN(const int64_t check_digest, TermId(interval.check_digest.Raw()));
  add.Add(Leaf(row.closed_by)).Add(check_digest).Add(static_cast<int64_t>(interval.end));
  TOM_RETURN_IF_ERROR(add.Run());
  row.id = db_.LastId();
  return absl::OkStatus();
}

}  // namespace tom
