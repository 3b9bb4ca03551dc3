// Why it is shaped so. An unchanged cycle adds one row of `report`, one entry of its index and 32
// bytes of a tile, and updates one row of `presence` a group: about 200 bytes. Therefore
// - a report's rowid is its index in the ledger: rows are appended, pages fill up, and no further
// index leads there;
// - what repeats (checks, parameter digests, contexts, scopes, anchors) is interned in `term` and
// `anchor`;
// - no index stands on a random value that every report has; a report is known by (branch, seq);
// - a heartbeat has no row in `body`: its bytes are rebuilt from the columns.
// WITHOUT ROWID for reports by (branch, seq) was tried on paper and left: many growing ends keep
// pages two thirds full.
#include "collector/store/sqlite_schema.h"

namespace tom {
namespace {

constexpr int kVersion = 1;

constexpr char kTables[] = R"sql(
CREATE TABLE host(id INTEGER PRIMARY KEY, host BLOB NOT NULL UNIQUE, system TEXT NOT NULL, kind TEXT NOT NULL,
  controllers TEXT NOT NULL, spki BLOB NOT NULL, authorisation BLOB NOT NULL, enrolment BLOB NOT NULL,
  enrolled_leaf INTEGER NOT NULL, retired_leaf INTEGER, certificate BLOB NOT NULL) STRICT;
CREATE TABLE authorisation(digest BLOB PRIMARY KEY, token BLOB NOT NULL UNIQUE, systems TEXT NOT NULL,
  controllers TEXT NOT NULL, kind TEXT NOT NULL, uses INTEGER NOT NULL, spent INTEGER NOT NULL,
  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE term(id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE anchor(id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, token BLOB NOT NULL,
  UNIQUE(size, root, token)) STRICT;
CREATE TABLE branch(id INTEGER PRIMARY KEY, host INTEGER NOT NULL, chain BLOB NOT NULL, from_seq INTEGER NOT NULL,
  parent INTEGER NOT NULL, after BLOB, continued_by INTEGER NOT NULL, seq INTEGER NOT NULL, tip_leaf INTEGER NOT NULL) STRICT;
CREATE INDEX branch_host ON branch(host);
CREATE TABLE report(leaf INTEGER PRIMARY KEY, branch INTEGER NOT NULL, seq INTEGER NOT NULL, digest BLOB NOT NULL,
  observed INTEGER NOT NULL, counted INTEGER NOT NULL, received INTEGER NOT NULL, looked INTEGER NOT NULL,
  duration INTEGER NOT NULL, offset INTEGER, context INTEGER NOT NULL, anchor INTEGER, signature BLOB NOT NULL,
  salt BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX report_seq ON report(branch, seq);
CREATE TABLE body(leaf INTEGER PRIMARY KEY, size INTEGER NOT NULL, zstd BLOB NOT NULL) STRICT;
CREATE TABLE host_context(id INTEGER PRIMARY KEY, host INTEGER NOT NULL, context BLOB NOT NULL,
  UNIQUE(host, context)) STRICT;
CREATE TABLE presence(branch INTEGER NOT NULL, grp INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
  from_ INTEGER NOT NULL, last INTEGER NOT NULL, until INTEGER NOT NULL, state BLOB NOT NULL, looks INTEGER NOT NULL,
  PRIMARY KEY(branch, grp, from_seq)) STRICT, WITHOUT ROWID;
CREATE TABLE anchored(branch INTEGER NOT NULL, grp INTEGER NOT NULL, from_ INTEGER NOT NULL, last INTEGER NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY(branch, grp, from_)) STRICT, WITHOUT ROWID;
CREATE TABLE interval(id INTEGER PRIMARY KEY, branch INTEGER NOT NULL, chk INTEGER NOT NULL, params INTEGER NOT NULL,
  subject BLOB NOT NULL, from_ INTEGER NOT NULL, to_ INTEGER NOT NULL, verdict INTEGER NOT NULL, scope INTEGER NOT NULL,
  excluded BLOB, valid_until INTEGER, head BLOB NOT NULL, opened_by INTEGER NOT NULL, closed_by INTEGER,
  check_digest INTEGER NOT NULL, end_ INTEGER NOT NULL) STRICT;
CREATE INDEX interval_branch ON interval(branch, to_);
CREATE TABLE blob(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, zstd BLOB NOT NULL,
  scope INTEGER, retain_until INTEGER, erased_by INTEGER) STRICT;
CREATE TABLE statement(leaf INTEGER PRIMARY KEY, kind TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, payload BLOB NOT NULL,
  signature BLOB NOT NULL, keyid TEXT NOT NULL, leaf_body TEXT NOT NULL) STRICT;
CREATE INDEX statement_kind ON statement(kind);
CREATE TABLE checkpoint(id INTEGER PRIMARY KEY CHECK(id = 1), size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
  received INTEGER NOT NULL, scope BLOB, scope_size INTEGER NOT NULL) STRICT;
CREATE TABLE stamp(size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, token BLOB NOT NULL,
  time INTEGER NOT NULL) STRICT;
CREATE TABLE tile(level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL, UNIQUE(level, n)) STRICT;
CREATE TABLE notice(kind TEXT NOT NULL, host TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY(kind, host, key)) STRICT, WITHOUT ROWID;
CREATE TABLE budget(host INTEGER PRIMARY KEY, day INTEGER NOT NULL, bytes INTEGER NOT NULL, subjects INTEGER NOT NULL) STRICT;
CREATE TABLE setting(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
)sql";

absl::StatusOr<int64_t> Version(Database& db) {
  Query query(db, "PRAGMA user_version");
  if (!query.Next()) return query.status();
  return query.Int(0);
}

}  // namespace

absl::Status PrepareSchema(Database& db) {
  absl::StatusOr<int64_t> version = Version(db);
  if (!version.ok()) return version.status();
  if (*version == kVersion) return absl::OkStatus();
  if (*version != 0) return absl::FailedPreconditionError("store: written by another version");
  absl::Status status = db.Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = db.Execute(kTables);
  if (status.ok()) status = db.Execute("PRAGMA user_version = 1");
  if (status.ok()) status = db.Execute("COMMIT");
  if (!status.ok()) (void)db.Execute("ROLLBACK");
  return status;
}

}  // namespace tom
