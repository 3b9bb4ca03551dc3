// Statements other than reports, tiles, checkpoint and stamps.
//
// A tile row holds up to 256 hashes of one level (a multiple of 8 in tree levels): C2SP tlog-tiles
// with height 8. Only full tiles feed the level above; hashes in between are computed from the
// tile.
#include "collector/store/sqlite_session.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kTileWidth = 256;
constexpr size_t kHashBytes = 32;

constexpr char kVisit[] =
    "SELECT leaf, kind, digest, payload, signature, keyid, leaf_body FROM statement "
    "WHERE leaf >= ? AND leaf < ? ORDER BY leaf";
constexpr char kByDigest[] =
    "SELECT leaf, kind, digest, payload, signature, keyid, leaf_body FROM statement "
    "WHERE digest = ?";
constexpr char kLatest[] =
    "SELECT leaf, kind, digest, payload, signature, keyid, leaf_body FROM statement "
    "WHERE kind = ? ORDER BY leaf DESC LIMIT 1";
constexpr char kStamps[] = "SELECT size, root, note, token, time FROM stamp ORDER BY size";
constexpr char kLatestStamp[] =
    "SELECT size, root, note, token, time FROM stamp ORDER BY size DESC LIMIT 1";
constexpr char kStampBySize[] = "SELECT size, root, note, token, time FROM stamp WHERE size = ?";

absl::StatusOr<StoredStatement> ReadStatement(Query& row) {
  StoredStatement out;
  out.leaf = row.Int(0);
  TOM_ASSIGN_OR_RETURN(out.kind, KindFromName(row.Text(1)));
  out.digest = row.DigestAt(2);
  out.envelope = {row.Text(3), row.Text(4), row.Text(5)};
  TOM_RETURN_IF_ERROR(row.status());
  TOM_ASSIGN_OR_RETURN(const Json body, ParseCanonical(row.Text(6)));
  TOM_ASSIGN_OR_RETURN(out.leaf_body, LeafBodyFromJson(body, "store: leaf"));
  return out;
}

absl::StatusOr<StoredStatement> OneStatement(Query& query, std::string_view what) {
  if (query.Next()) return ReadStatement(query);
  TOM_RETURN_IF_ERROR(query.status());
  return absl::NotFoundError(ToAbsl("no statement " + std::string(what)));
}

absl::StatusOr<StampRow> OneStamp(Query& query) {
  if (!query.Next()) {
    TOM_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("no such stamp");
  }
  StampRow stamp{static_cast<uint64_t>(query.Int(0)), query.DigestAt(1), query.Text(2),
                 query.Text(3), query.Int(4)};
  TOM_RETURN_IF_ERROR(query.status());
  return stamp;
}

// Root of the perfect subtree over `hashes`, whose count is a power of two.
Digest Fold(std::vector<Digest> hashes) {
  while (hashes.size() > 1) {
    for (size_t i = 0; i < hashes.size() / 2; ++i) {
      hashes[i] = merkle::NodeHash(hashes[2 * i], hashes[2 * i + 1]);
    }
    hashes.resize(hashes.size() / 2);
  }
  return hashes.front();
}

std::vector<Digest> HashesOf(std::string_view tile, uint64_t first, uint64_t count) {
  std::vector<Digest> hashes;
  for (uint64_t i = first; i < first + count; ++i) {
    hashes.push_back(*Digest::FromRaw(tile.substr(i * kHashBytes, kHashBytes)));
  }
  return hashes;
}

}  // namespace

absl::Status SqliteSession::VisitStatements(
    uint64_t from, uint64_t to,
    const std::function<absl::Status(const StoredStatement&)>& visit) const {
  Query query(db_, kVisit);
  query.Add(static_cast<int64_t>(from));
  query.Add(static_cast<int64_t>(std::min<uint64_t>(to, Json::kMaxInteger)));
  while (query.Next()) {
    TOM_ASSIGN_OR_RETURN(const StoredStatement statement, ReadStatement(query));
    TOM_RETURN_IF_ERROR(visit(statement));
  }
  return query.status();
}

absl::StatusOr<StoredStatement> SqliteSession::Statement(const Digest& digest) const {
  Query query(db_, kByDigest);
  query.Add(digest);
  return OneStatement(query, digest.Hex());
}

absl::StatusOr<StoredStatement> SqliteSession::LatestStatement(Kind kind) const {
  Query query(db_, kLatest);
  query.Add(KindName(kind));
  return OneStatement(query, std::string("of kind ") + std::string(KindName(kind)));
}

absl::Status SqliteSession::AddStatement(const StoredStatement& statement) {
  Query add(db_,
            "INSERT INTO statement(leaf, kind, digest, payload, signature, keyid, leaf_body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)");
  add.Add(static_cast<int64_t>(statement.leaf)).Add(KindName(statement.kind)).Add(statement.digest);
  add.Add(Raw{statement.envelope.payload}).Add(Raw{statement.envelope.signature});
  add.Add(statement.envelope.keyid).Add(Canonical(LeafBodyToJson(statement.leaf_body)));
  return add.Run();
}

absl::StatusOr<LedgerHead> SqliteSession::Head() const {
  Query query(db_, "SELECT size, root, note, received, scope, scope_size FROM checkpoint");
  if (!query.Next()) {
    TOM_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("the ledger has no checkpoint yet");
  }
  LedgerHead head;
  head.size = query.Int(0);
  head.root = query.DigestAt(1);
  head.note = query.Text(2);
  head.received_at = query.Int(3);
  head.scope = query.MaybeDigest(4);
  head.scope_size = query.Int(5);
  TOM_RETURN_IF_ERROR(query.status());
  return head;
}

absl::Status SqliteSession::SwapHead(const LedgerHead& expected, const LedgerHead& next) {
  if (expected.note.empty()) {  // the very first
    Query add(db_,
              "INSERT INTO checkpoint(id, size, root, note, received, scope, scope_size) "
              "VALUES (1, ?, ?, ?, ?, ?, ?)");
    add.Add(static_cast<int64_t>(next.size)).Add(next.root).Add(next.note).Add(next.received_at);
    return add.Add(next.scope).Add(static_cast<int64_t>(next.scope_size)).Run();
  }
  Query swap(db_,
             "UPDATE checkpoint SET size = ?, root = ?, note = ?, received = ?, scope = ?, "
             "scope_size = ? WHERE id = 1 AND size = ? AND root = ?");
  swap.Add(static_cast<int64_t>(next.size)).Add(next.root).Add(next.note).Add(next.received_at);
  swap.Add(next.scope).Add(static_cast<int64_t>(next.scope_size));
  swap.Add(static_cast<int64_t>(expected.size)).Add(expected.root);
  TOM_RETURN_IF_ERROR(swap.Run());
  if (db_.Changes() != 1) return absl::AbortedError("the ledger moved under this writer");
  return absl::OkStatus();
}

absl::StatusOr<std::string> SqliteSession::Tile(int level, uint64_t n) const {
  Query query(db_, "SELECT hashes FROM tile WHERE level = ? AND n = ?");
  query.Add(int64_t{level}).Add(static_cast<int64_t>(n));
  if (query.Next()) return query.Text(0);
  TOM_RETURN_IF_ERROR(query.status());
  return std::string();
}

absl::StatusOr<Digest> SqliteSession::Node(const merkle::NodeId& node) const {
  const int level = node.level / 8;
  const uint64_t width = uint64_t{1} << (node.level % 8);
  const uint64_t first = node.index * width;
  TOM_ASSIGN_OR_RETURN(const std::string tile, Tile(level, first / kTileWidth));
  if (tile.size() < (first % kTileWidth + width) * kHashBytes) {
    return absl::NotFoundError("the ledger has no such node yet");
  }
  return Fold(HashesOf(tile, first % kTileWidth, width));
}

absl::StatusOr<std::vector<Digest>> SqliteSession::Nodes(
    const std::vector<merkle::NodeId>& nodes) const {
  std::vector<Digest> hashes;
  for (const merkle::NodeId& node : nodes) {
    TOM_ASSIGN_OR_RETURN(const Digest hash, Node(node));
    hashes.push_back(hash);
  }
  return hashes;
}

absl::Status SqliteSession::AppendLeaves(const std::vector<Digest>& leaf_hashes) {
  std::vector<Digest> hashes = leaf_hashes;
  for (int level = 0; !hashes.empty(); ++level) {
    Query last(db_, "SELECT n, hashes FROM tile WHERE level = ? ORDER BY n DESC LIMIT 1");
    const bool found = last.Add(int64_t{level}).Next();
    TOM_RETURN_IF_ERROR(last.status());
    uint64_t n = found ? last.Int(0) : 0;
    std::string tile = found ? last.Text(1) : std::string();
    std::vector<Digest> above;
    for (const Digest& hash : hashes) {
      if (tile.size() == kTileWidth * kHashBytes) {
        ++n;
        tile.clear();
      }
      tile += hash.Raw();
      const bool full = tile.size() == kTileWidth * kHashBytes;
      if (full) above.push_back(Fold(HashesOf(tile, 0, kTileWidth)));
      if (!full && &hash != &hashes.back()) continue;
      Query put(db_,
                "INSERT INTO tile(level, n, hashes) VALUES (?, ?, ?) "
                "ON CONFLICT(level, n) DO UPDATE SET hashes = excluded.hashes");
      TOM_RETURN_IF_ERROR(
          put.Add(int64_t{level}).Add(static_cast<int64_t>(n)).Add(Raw{tile}).Run());
    }
    hashes = std::move(above);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StampRow>> SqliteSession::Stamps() const {
  std::vector<StampRow> stamps;
  Query query(db_, kStamps);
  while (true) {
    absl::StatusOr<StampRow> stamp = OneStamp(query);
    if (absl::IsNotFound(stamp.status())) return stamps;
    TOM_RETURN_IF_ERROR(stamp.status());
    stamps.push_back(*std::move(stamp));
  }
}

absl::StatusOr<StampRow> SqliteSession::LatestStamp() const {
  Query query(db_, kLatestStamp);
  return OneStamp(query);
}

absl::StatusOr<StampRow> SqliteSession::StampBySize(uint64_t size) const {
  Query query(db_, kStampBySize);
  query.Add(static_cast<int64_t>(size));
  return OneStamp(query);
}

absl::Status SqliteSession::AddStamp(const StampRow& stamp) {
  Query add(db_, "INSERT INTO stamp(size, root, note, token, time) VALUES (?, ?, ?, ?, ?)");
  add.Add(static_cast<int64_t>(stamp.size)).Add(stamp.root).Add(stamp.note).Add(Raw{stamp.token});
  return add.Add(stamp.time).Run();
}

}  // namespace tom
