// Reports: columns, and the bytes of those that are more than a heartbeat.
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <algorithm>

#include "collector/store/sqlite_session.h"
#include "collector/store/zstd_bytes.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

#define TOM_REPORT_COLUMNS                                                                     \
  "SELECT leaf, seq, digest, observed, counted, received, looked, duration, offset, context, " \
  "anchor, signature, salt FROM report "

constexpr size_t kScalarBytes = 32;

// DER ECDSA -> r || s: 64 bytes instead of up to 72. Whatever does not come back the same is kept
// as it is.
std::string PackSignature(const std::string& der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> sig(
      d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())), ECDSA_SIG_free);
  if (sig == nullptr) return der;
  std::string raw(2 * kScalarBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), out, kScalarBytes) < 0) return der;
  if (BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), out + kScalarBytes, kScalarBytes) < 0) return der;
  return raw;
}

std::string UnpackSignature(const std::string& raw) {
  if (raw.size() != 2 * kScalarBytes) return raw;
  const auto* in = reinterpret_cast<const unsigned char*>(raw.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> sig(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(in, kScalarBytes, nullptr);
  BIGNUM* s = BN_bin2bn(in + kScalarBytes, kScalarBytes, nullptr);
  ECDSA_SIG_set0(sig.get(), r, s);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(sig.get(), &der);
  std::string out(reinterpret_cast<char*>(der), size < 0 ? 0 : size);
  OPENSSL_free(der);
  return out;
}

// One column tells groups and whether the look counts: a look that does not is written -1 - mask.
int64_t LookedColumn(int64_t mask, bool covers) { return covers ? mask : -1 - mask; }

int64_t MaskOf(int64_t looked) { return looked >= 0 ? looked : -1 - looked; }

int64_t Bound(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, Json::kMaxInteger));
}

}  // namespace

absl::StatusOr<std::string> SqliteSession::Body(uint64_t leaf) const {
  Query query(db_, "SELECT zstd, size FROM body WHERE leaf = ?");
  if (query.Add(static_cast<int64_t>(leaf)).Next()) return Inflate(query.Text(0), query.Int(1));
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError("a heartbeat has no body");
}

absl::Status SqliteSession::AddBody(uint64_t leaf, std::string_view payload) {
  Query add(db_, "INSERT INTO body(leaf, size, zstd) VALUES (?, ?, ?)");
  const std::string stored = Deflate(payload);
  add.Add(static_cast<int64_t>(leaf)).Add(static_cast<int64_t>(payload.size())).Add(Raw{stored});
  return add.Run();
}

absl::StatusOr<std::optional<Digest>> SqliteSession::PreviousDigest(const BranchRow& branch,
                                                                    uint64_t seq) const {
  if (seq == 0) return std::optional<Digest>();
  if (seq == branch.from_seq) return branch.after;
  TOM_ASSIGN_OR_RETURN(const Digest digest, ReportDigest(branch.id, seq - 1));
  return std::optional<Digest>(digest);
}

absl::StatusOr<Digest> SqliteSession::StateAt(const BranchRow& branch, int group,
                                              uint64_t seq) const {
  Query query(db_,
              "SELECT state FROM presence WHERE branch = ? AND grp = ? AND from_seq <= ? "
              "ORDER BY from_seq DESC LIMIT 1");
  query.Add(branch.id).Add(int64_t{group}).Add(static_cast<int64_t>(seq));
  if (query.Next()) {
    const Digest state = query.DigestAt(0);
    TOM_RETURN_IF_ERROR(query.status());
    return state;
  }
  TOM_RETURN_IF_ERROR(query.status());
  return absl::DataLossError("store: a group looked at without a state");
}

absl::StatusOr<std::string> SqliteSession::RebuildPayload(tom::Report report,
                                                          const BranchRow& branch) const {
  for (auto& [group, state] : report.groups) {
    TOM_ASSIGN_OR_RETURN(state, StateAt(branch, GroupCode(group), report.seq));
  }
  TOM_ASSIGN_OR_RETURN(report.prev, PreviousDigest(branch, report.seq));
  return EncodeReport(report);
}

absl::StatusOr<StoredReport> SqliteSession::ReadReport(Query& row, const BranchRow& branch) const {
  StoredReport out;
  out.leaf = row.Int(0);
  out.branch = branch.id;
  out.digest = row.DigestAt(2);
  out.counted = row.Int(3) + row.Int(4);
  out.covers = row.Int(6) >= 0;
  out.signature = UnpackSignature(row.Text(11));
  out.leaf_body = {LeafKind::kReport,
                   out.digest,
                   row.Int(3) + row.Int(5),
                   branch.tip.host,
                   branch.tip.chain,
                   static_cast<uint64_t>(row.Int(1)),
                   std::nullopt,
                   HexEncode(row.Text(12))};
  TOM_RETURN_IF_ERROR(row.status());
  absl::StatusOr<std::string> body = Body(out.leaf);
  if (!body.ok() && !absl::IsNotFound(body.status())) return body.status();
  if (body.ok()) {
    out.payload = *std::move(body);
  } else {
    tom::Report beat;
    for (const std::string& group : GroupsOfMask(MaskOf(row.Int(6)))) beat.groups[group];
    beat.ledger = branch.tip.ledger;
    beat.host = branch.tip.host;
    beat.chain = branch.tip.chain;
    beat.seq = row.Int(1);
    beat.observed_at = row.Int(3);
    beat.duration_ms = row.Int(7);
    beat.clock_offset_ms = row.MaybeInt(8);
    TOM_ASSIGN_OR_RETURN(const std::string context, Term(row.Int(9)));
    TOM_ASSIGN_OR_RETURN(beat.context, Digest::FromRaw(context));
    if (!row.IsNull(10)) {
      TOM_ASSIGN_OR_RETURN(beat.anchor, AnchorById(row.Int(10)));
    }
    TOM_ASSIGN_OR_RETURN(out.payload, RebuildPayload(std::move(beat), branch));
  }
  if (StatementDigest(out.payload) != out.digest) {
    return absl::DataLossError("store: report " + out.digest.Hex() + " cannot be rebuilt");
  }
  TOM_ASSIGN_OR_RETURN(out.report, ParseReport(out.payload));
  return out;
}

absl::StatusOr<StoredReport> SqliteSession::Report(int64_t branch, uint64_t seq) const {
  TOM_ASSIGN_OR_RETURN(const BranchRow row, LightBranch(branch));
  Query query(db_, TOM_REPORT_COLUMNS "WHERE branch = ? AND seq = ?");
  if (query.Add(branch).Add(Bound(seq)).Next()) return ReadReport(query, row);
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError("no such report");
}

absl::StatusOr<Digest> SqliteSession::ReportDigest(int64_t branch, uint64_t seq) const {
  Query query(db_, "SELECT digest FROM report WHERE branch = ? AND seq = ?");
  if (query.Add(branch).Add(Bound(seq)).Next()) {
    const Digest digest = query.DigestAt(0);
    TOM_RETURN_IF_ERROR(query.status());
    return digest;
  }
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError("no such report");
}

absl::Status SqliteSession::VisitReports(
    int64_t branch, uint64_t from, uint64_t to,
    const std::function<absl::Status(const StoredReport&)>& visit) const {
  TOM_ASSIGN_OR_RETURN(const BranchRow row, LightBranch(branch));
  Query query(db_, TOM_REPORT_COLUMNS "WHERE branch = ? AND seq >= ? AND seq <= ? ORDER BY seq");
  query.Add(branch).Add(Bound(from)).Add(Bound(to));
  while (query.Next()) {
    TOM_ASSIGN_OR_RETURN(const StoredReport report, ReadReport(query, row));
    TOM_RETURN_IF_ERROR(visit(report));
  }
  return query.status();
}

// Counted time and leaf never decrease along a branch, so the newest that fits is found by halving.
// `fits` asks for a limit, a branch and a seq.
absl::StatusOr<std::optional<uint64_t>> SqliteSession::LastSeqThat(const char* fits, int64_t branch,
                                                                   int64_t limit) const {
  TOM_ASSIGN_OR_RETURN(const BranchRow row, LightBranch(branch));
  std::optional<uint64_t> found;
  uint64_t low = row.from_seq;
  uint64_t high = row.tip.seq + 1;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    Query query(db_, fits);
    if (!query.Add(limit).Add(branch).Add(Bound(middle)).Next()) {
      TOM_RETURN_IF_ERROR(query.status());
      return absl::DataLossError("store: a report is missing from its branch");
    }
    if (query.Int(0) != 0) {
      found = middle;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

absl::StatusOr<std::optional<uint64_t>> SqliteSession::LastSeqBefore(int64_t branch,
                                                                     UnixSeconds time) const {
  return LastSeqThat("SELECT observed + counted < ? FROM report WHERE branch = ? AND seq = ?",
                     branch, time);
}

absl::StatusOr<std::optional<uint64_t>> SqliteSession::LastSeqUnder(int64_t branch,
                                                                    uint64_t size) const {
  return LastSeqThat("SELECT leaf < ? FROM report WHERE branch = ? AND seq = ?", branch,
                     Bound(size));
}

absl::Status SqliteSession::VisitLooks(
    uint64_t from, uint64_t to, const std::function<absl::Status(const LookRow&)>& visit) const {
  Query query(db_,
              "SELECT leaf, branch, observed + counted, looked, anchor FROM report "
              "WHERE leaf >= ? AND leaf < ? ORDER BY leaf");
  query.Add(Bound(from)).Add(Bound(to));
  while (query.Next()) {
    LookRow look;
    look.leaf = query.Int(0);
    look.branch = query.Int(1);
    look.counted = query.Int(2);
    look.groups = GroupsOfMask(MaskOf(query.Int(3)));
    look.covers = query.Int(3) >= 0;
    if (!query.IsNull(4)) {
      TOM_ASSIGN_OR_RETURN(look.anchor, AnchorById(query.Int(4)));
    }
    TOM_RETURN_IF_ERROR(visit(look));
  }
  return query.status();
}

absl::Status SqliteSession::AddReport(const StoredReport& stored) {
  const tom::Report& report = stored.report;
  std::vector<std::string> groups;
  for (const auto& [group, state] : report.groups) groups.push_back(group);
  TOM_ASSIGN_OR_RETURN(const int64_t context, TermId(report.context.Raw()));
  std::optional<int64_t> anchor;
  if (report.anchor) {
    TOM_ASSIGN_OR_RETURN(anchor, AnchorId(*report.anchor));
  }
  TOM_ASSIGN_OR_RETURN(const std::string salt, HexDecode(stored.leaf_body.salt));
  Query add(db_,
            "INSERT INTO report(leaf, branch, seq, digest, observed, counted, received, looked, "
            "duration, offset, context, anchor, signature, salt) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add.Add(static_cast<int64_t>(stored.leaf)).Add(stored.branch).Add(Bound(report.seq));
  add.Add(stored.digest).Add(report.observed_at).Add(stored.counted - report.observed_at);
  add.Add(stored.leaf_body.received_at - report.observed_at);
  add.Add(LookedColumn(GroupMask(groups), stored.covers)).Add(report.duration_ms);
  add.Add(report.clock_offset_ms).Add(context).Add(anchor);
  std::string signature = PackSignature(stored.signature);
  if (UnpackSignature(signature) != stored.signature) signature = stored.signature;
  TOM_RETURN_IF_ERROR(add.Add(Raw{signature}).Add(Raw{salt}).Run());
  if (report.IsHeartbeat()) {
    TOM_ASSIGN_OR_RETURN(const BranchRow branch, LightBranch(stored.branch));
    tom::Report beat = report;
    beat.continues.clear();
    TOM_ASSIGN_OR_RETURN(const std::string rebuilt, RebuildPayload(std::move(beat), branch));
    if (StatementDigest(rebuilt) == stored.digest) return absl::OkStatus();
  }
  return AddBody(stored.leaf, stored.payload);
}

}  // namespace tom
