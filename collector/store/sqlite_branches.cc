// Branches: the unbroken runs of statements of a host, and how they stood at an earlier statement.
#include "collector/store/sqlite_session.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<BranchRow> SqliteSession::LightBranch(int64_t branch) const {
  Query row(db_,
            "SELECT b.id, b.host, h.host, b.chain, b.from_seq, b.parent, b.after, b.continued_by, "
            "b.seq, b.tip_leaf FROM branch b JOIN host h ON h.id = b.host WHERE b.id = ?");
  if (!row.Add(branch).Next()) {
    TOM_RETURN_IF_ERROR(row.status());
    return absl::NotFoundError("no such branch");
  }
  BranchRow out;
  out.id = row.Int(0);
  out.host_id = row.Int(1);
  out.tip.host = HexEncode(row.Text(2));
  out.tip.chain = HexEncode(row.Text(3));
  out.from_seq = row.Int(4);
  out.parent = row.Int(5);
  out.after = row.MaybeDigest(6);
  out.continued_by = row.Int(7);
  out.tip.seq = row.Int(8);
  out.tip_leaf = row.Int(9);
  TOM_RETURN_IF_ERROR(row.status());
  TOM_ASSIGN_OR_RETURN(out.tip.ledger, Setting("origin"));
  return out;
}

absl::StatusOr<std::vector<int64_t>> SqliteSession::BranchIds(std::string_view host) const {
  TOM_ASSIGN_OR_RETURN(const std::string raw, HexDecode(host));
  Query query(
      db_, "SELECT b.id FROM branch b JOIN host h ON h.id = b.host WHERE h.host = ? ORDER BY b.id");
  query.Add(Raw{raw});
  std::vector<int64_t> ids;
  while (query.Next()) ids.push_back(query.Int(0));
  TOM_RETURN_IF_ERROR(query.status());
  return ids;
}

absl::StatusOr<std::vector<BranchRow>> SqliteSession::Branches(std::string_view host) const {
  TOM_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, BranchIds(host));
  std::vector<BranchRow> branches;
  for (const int64_t id : ids) {
    TOM_ASSIGN_OR_RETURN(BranchRow branch, BranchById(id));
    branches.push_back(std::move(branch));
  }
  return branches;
}

absl::StatusOr<BranchRow> SqliteSession::BranchById(int64_t branch) const {
  TOM_ASSIGN_OR_RETURN(BranchRow row, LightBranch(branch));
  TOM_ASSIGN_OR_RETURN(row.tip, BranchAt(branch, row.tip.seq));
  return row;
}

absl::StatusOr<Branch> SqliteSession::BranchAt(int64_t branch, uint64_t seq) const {
  TOM_ASSIGN_OR_RETURN(const BranchRow row, LightBranch(branch));
  Query query(db_,
              "SELECT digest, observed + counted, context, anchor FROM report "
              "WHERE branch = ? AND seq = ?");
  if (!query.Add(branch).Add(static_cast<int64_t>(seq)).Next()) {
    TOM_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("no such report");
  }
  Branch out = row.tip;
  out.seq = seq;
  out.tip = query.DigestAt(0);
  out.counted = query.Int(1);
  TOM_RETURN_IF_ERROR(query.status());
  TOM_ASSIGN_OR_RETURN(const std::string context, Term(query.Int(2)));
  TOM_ASSIGN_OR_RETURN(out.context, Digest::FromRaw(context));
  if (!query.IsNull(3)) {
    TOM_ASSIGN_OR_RETURN(out.anchor, AnchorById(query.Int(3)));
  }
  TOM_RETURN_IF_ERROR(FillStates(row, seq, out));
  return out;
}

absl::Status SqliteSession::FillStates(const BranchRow& branch, uint64_t seq, Branch& out) const {
  if (branch.parent != 0) {
    TOM_ASSIGN_OR_RETURN(const BranchRow parent, LightBranch(branch.parent));
    TOM_RETURN_IF_ERROR(FillStates(parent, branch.from_seq - 1, out));
  }
  for (size_t code = 0; code < kIntervals.size(); ++code) {
    Query row(db_,
              "SELECT to_seq, last, state, looks FROM presence WHERE branch = ? AND grp = ? AND "
              "from_seq <= ? ORDER BY from_seq DESC");
    row.Add(branch.id).Add(static_cast<int64_t>(code)).Add(static_cast<int64_t>(seq));
    const std::string group(kIntervals[code]);
    for (bool newest = true; row.Next(); newest = false) {
      if (newest) out.states[group] = row.DigestAt(2);
      if (row.Int(3) == 0) continue;
      if (static_cast<uint64_t>(row.Int(0)) <= seq) {
        out.looks[group] = row.Int(1);
        break;
      }
      TOM_ASSIGN_OR_RETURN(const std::optional<UnixSeconds> look,
                           LookAt(branch.id, static_cast<int>(code), seq));
      if (look) out.looks[group] = *look;
      break;
    }
    TOM_RETURN_IF_ERROR(row.status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<UnixSeconds>> SqliteSession::LookAt(int64_t branch, int group,
                                                                 uint64_t seq) const {
  Query row(
      db_,
      "SELECT observed + counted FROM report WHERE branch = ? AND seq <= ? AND looked >= 0 AND "
      "(looked >> ?) & 1 = 1 ORDER BY seq DESC LIMIT 1");
  row.Add(branch).Add(static_cast<int64_t>(seq)).Add(int64_t{group});
  std::optional<UnixSeconds> look;
  if (row.Next()) look = row.Int(0);
  TOM_RETURN_IF_ERROR(row.status());
  return look;
}

absl::StatusOr<std::vector<Digest>> SqliteSession::HeadsAt(int64_t branch, uint64_t seq) const {
  TOM_ASSIGN_OR_RETURN(const BranchRow row, LightBranch(branch));
  std::set<Digest> heads;
  TOM_RETURN_IF_ERROR(CollectHeads(row, seq, heads));
  return std::vector<Digest>(heads.begin(), heads.end());
}

absl::Status SqliteSession::CollectHeads(const BranchRow& branch, uint64_t seq,
                                         std::set<Digest>& heads) const {
  if (branch.parent != 0) {
    TOM_ASSIGN_OR_RETURN(const BranchRow parent, LightBranch(branch.parent));
    TOM_RETURN_IF_ERROR(CollectHeads(parent, branch.from_seq - 1, heads));
  }
  Query query(db_,
              "SELECT r.leaf FROM report r JOIN body b ON b.leaf = r.leaf WHERE r.branch = ? AND "
              "r.seq <= ? ORDER BY r.seq");
  query.Add(branch.id).Add(static_cast<int64_t>(seq));
  while (query.Next()) {
    TOM_ASSIGN_OR_RETURN(const std::string payload, Body(query.Int(0)));
    TOM_ASSIGN_OR_RETURN(const tom::Report report, ParseReport(payload));
    for (const Digest& head : report.removed) heads.erase(head);
    heads.insert(report.changed.begin(), report.changed.end());
    if (!report.changed_blob) continue;
    TOM_ASSIGN_OR_RETURN(const std::string list, Blob(*report.changed_blob));
    TOM_ASSIGN_OR_RETURN(const std::vector<Digest> changed, ParseDigestList(list));
    heads.insert(changed.begin(), changed.end());
  }
  return query.status();
}

absl::Status SqliteSession::AddBranch(BranchRow& branch) {
  TOM_ASSIGN_OR_RETURN(const std::string chain, HexDecode(branch.tip.chain));
  Query add(db_,
            "INSERT INTO branch(host, chain, from_seq, parent, after, continued_by, seq, tip_leaf) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  add.Add(branch.host_id).Add(Raw{chain}).Add(static_cast<int64_t>(branch.from_seq));
  add.Add(branch.parent).Add(branch.after).Add(branch.continued_by);
  add.Add(static_cast<int64_t>(branch.tip.seq)).Add(static_cast<int64_t>(branch.tip_leaf));
  TOM_RETURN_IF_ERROR(add.Run());
  branch.id = db_.LastId();
  return absl::OkStatus();
}

absl::Status SqliteSession::UpdateBranch(const BranchRow& branch) {
  Query update(db_, "UPDATE branch SET continued_by = ?, seq = ?, tip_leaf = ? WHERE id = ?");
  update.Add(branch.continued_by).Add(static_cast<int64_t>(branch.tip.seq));
  return update.Add(static_cast<int64_t>(branch.tip_leaf)).Add(branch.id).Run();
}

}  // namespace tom
