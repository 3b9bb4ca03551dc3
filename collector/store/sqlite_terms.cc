// Parts of a transaction, interned values, blobs, notices, budgets and settings.
#include <algorithm>

#include "collector/store/sqlite_session.h"
#include "collector/store/zstd_bytes.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTerms = 10'000;  // kept in memory

}  // namespace

int GroupCode(std::string_view interval) {
  for (size_t i = 0; i < kIntervals.size(); ++i) {
    if (kIntervals[i] == interval) return static_cast<int>(i);
  }
  return -1;
}

int64_t GroupMask(const std::vector<std::string>& groups) {
  int64_t mask = 0;
  for (const std::string& group : groups) {
    const int code = GroupCode(group);
    if (code >= 0) mask |= int64_t{1} << code;
  }
  return mask;
}

std::vector<std::string> GroupsOfMask(int64_t mask) {
  std::vector<std::string> groups;
  for (size_t i = 0; i < kIntervals.size(); ++i) {
    if (mask >> i & 1) groups.emplace_back(kIntervals[i]);
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

std::string JoinSet(const std::vector<std::string>& set) {
  std::string joined;
  for (const std::string& item : set) {
    if (!joined.empty()) joined += '\n';
    joined += item;
  }
  return joined;
}

std::vector<std::string> SplitSet(std::string_view joined) {
  std::vector<std::string> set;
  while (!joined.empty()) {
    const size_t end = std::min(joined.find('\n'), joined.size());
    set.emplace_back(joined.substr(0, end));
    joined.remove_prefix(std::min(end + 1, joined.size()));
  }
  return set;
}

absl::Status SqliteSession::Part(const std::function<absl::Status()>& work) {
  TOM_RETURN_IF_ERROR(db_.Execute("SAVEPOINT part"));
  absl::Status status = work();
  if (!status.ok()) {
    terms_.clear();
    TOM_RETURN_IF_ERROR(db_.Execute("ROLLBACK TO part"));
  }
  TOM_RETURN_IF_ERROR(db_.Execute("RELEASE part"));
  return status;
}

absl::StatusOr<int64_t> SqliteSession::TermId(std::string_view value) {
  {
    Query find(db_, "SELECT id FROM term WHERE value = ?");
    find.Add(Raw{value});
    if (find.Next()) return find.Int(0);
    TOM_RETURN_IF_ERROR(find.status());
  }
  Query add(db_, "INSERT INTO term(value) VALUES (?)");
  TOM_RETURN_IF_ERROR(add.Add(Raw{value}).Run());
  return db_.LastId();
}

absl::StatusOr<std::string> SqliteSession::Term(int64_t id) const {
  if (const auto known = terms_.find(id); known != terms_.end()) return known->second;
  Query query(db_, "SELECT value FROM term WHERE id = ?");
  if (query.Add(id).Next()) {
    if (terms_.size() >= kMaxTerms) terms_.clear();
    return terms_[id] = query.Text(0);
  }
  TOM_RETURN_IF_ERROR(query.status());
  return absl::DataLossError("store: a term that is not there");
}

absl::StatusOr<int64_t> SqliteSession::AnchorId(const Anchor& anchor) {
  {
    Query find(db_, "SELECT id FROM anchor WHERE size = ? AND root = ? AND token = ?");
    find.Add(static_cast<int64_t>(anchor.size)).Add(anchor.root).Add(anchor.token);
    if (find.Next()) return find.Int(0);
    TOM_RETURN_IF_ERROR(find.status());
  }
  Query add(db_, "INSERT INTO anchor(size, root, token) VALUES (?, ?, ?)");
  add.Add(static_cast<int64_t>(anchor.size)).Add(anchor.root).Add(anchor.token);
  TOM_RETURN_IF_ERROR(add.Run());
  return db_.LastId();
}

absl::StatusOr<Anchor> SqliteSession::AnchorById(int64_t id) const {
  Query query(db_, "SELECT size, root, token FROM anchor WHERE id = ?");
  if (query.Add(id).Next()) {
    const Anchor anchor{static_cast<uint64_t>(query.Int(0)), query.DigestAt(1), query.DigestAt(2)};
    TOM_RETURN_IF_ERROR(query.status());
    return anchor;
  }
  TOM_RETURN_IF_ERROR(query.status());
  return absl::DataLossError("store: an anchor that is not there");
}

absl::Status SqliteSession::AddContext(int64_t host_id, const Digest& context) {
  Query add(db_, "INSERT OR IGNORE INTO host_context(host, context) VALUES (?, ?)");
  return add.Add(host_id).Add(context).Run();
}

absl::StatusOr<std::vector<Digest>> SqliteSession::Contexts(std::string_view host) const {
  TOM_ASSIGN_OR_RETURN(const std::string raw, HexDecode(host));
  Query query(db_,
              "SELECT c.context FROM host_context c JOIN host h ON h.id = c.host WHERE h.host = ? "
              "ORDER BY c.id");
  query.Add(Raw{raw});
  std::vector<Digest> contexts;
  while (query.Next()) contexts.push_back(query.DigestAt(0));
  TOM_RETURN_IF_ERROR(query.status());
  return contexts;
}

absl::Status SqliteSession::AddBlob(std::string_view data) {
  const Digest digest = Sha256(data);
  TOM_ASSIGN_OR_RETURN(const bool known, HasBlob(digest));
  if (known) return absl::OkStatus();
  Query add(db_, "INSERT INTO blob(digest, size, zstd) VALUES (?, ?, ?)");
  const std::string stored = Deflate(data);
  return add.Add(digest).Add(static_cast<int64_t>(data.size())).Add(Raw{stored}).Run();
}

absl::StatusOr<std::string> SqliteSession::Blob(const Digest& digest) const {
  Query query(db_, "SELECT zstd, size FROM blob WHERE digest = ?");
  if (query.Add(digest).Next()) return Inflate(query.Text(0), query.Int(1));
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError("no blob " + digest.Hex());
}

absl::StatusOr<bool> SqliteSession::HasBlob(const Digest& digest) const {
  Query query(db_, "SELECT 1 FROM blob WHERE digest = ?");
  const bool found = query.Add(digest).Next();
  TOM_RETURN_IF_ERROR(query.status());
  return found;
}

absl::Status SqliteSession::AddNotice(const NoticeRow& notice) {
  Query add(db_,
            "INSERT OR IGNORE INTO notice(kind, host, key, at, detail) VALUES (?, ?, ?, ?, ?)");
  add.Add(notice.kind).Add(notice.host).Add(notice.key).Add(notice.at).Add(notice.detail);
  return add.Run();
}

absl::StatusOr<std::vector<NoticeRow>> SqliteSession::Notices() const {
  std::vector<NoticeRow> notices;
  Query query(db_, "SELECT kind, host, key, at, detail FROM notice ORDER BY at, kind, host, key");
  while (query.Next()) {
    notices.push_back({query.Text(0), query.Text(1), query.Text(2), query.Int(3), query.Text(4)});
  }
  TOM_RETURN_IF_ERROR(query.status());
  return notices;
}

absl::StatusOr<BudgetRow> SqliteSession::Budget(int64_t host, int64_t day) const {
  BudgetRow budget{host, day, 0, 0};
  Query query(db_, "SELECT bytes, subjects FROM budget WHERE host = ? AND day = ?");
  if (query.Add(host).Add(day).Next()) {
    budget.bytes = query.Int(0);
    budget.subjects = query.Int(1);
  }
  TOM_RETURN_IF_ERROR(query.status());
  return budget;
}

absl::Status SqliteSession::PutBudget(const BudgetRow& budget) {
  Query put(db_, "INSERT OR REPLACE INTO budget(host, day, bytes, subjects) VALUES (?, ?, ?, ?)");
  return put.Add(budget.host_id).Add(budget.day).Add(budget.bytes).Add(budget.subjects).Run();
}

absl::StatusOr<std::string> SqliteSession::Setting(std::string_view name) const {
  Query query(db_, "SELECT value FROM setting WHERE name = ?");
  if (query.Add(name).Next()) return query.Text(0);
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError(ToAbsl("no setting " + std::string(name)));
}

absl::Status SqliteSession::PutSetting(std::string_view name, std::string_view value) {
  Query put(db_, "INSERT OR REPLACE INTO setting(name, value) VALUES (?, ?)");
  return put.Add(name).Add(Raw{value}).Run();
}

}  // namespace tom
