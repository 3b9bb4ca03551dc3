// Rows of the store as values. Integer ids live inside one store only and never leave the
// collector.
#ifndef TOM_COLLECTOR_STORE_ROWS_H_
#define TOM_COLLECTOR_STORE_ROWS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/digest.h"
#include "evidence/envelope.h"
#include "evidence/intervals.h"
#include "evidence/leaf.h"
#include "evidence/replay.h"
#include "evidence/report.h"
#include "evidence/row.h"
#include "evidence/statement.h"
#include "evidence/time_set.h"

namespace tom {

struct HostRow {
  int64_t id = 0;
  std::string host;    // 32 hex digits
  std::string system;  // inventory id
  std::string kind;    // host | connector | collector
  std::vector<std::string>
      controllers;            // default scope: of the authorisation, or the newest label statement
  std::string identity_spki;  // DER
  Digest authorisation;       // statement digests
  Digest enrolment;
  uint64_t enrolled_leaf = 0;
  std::optional<uint64_t> retired_leaf;  // of the retirement or revocation
  std::string tls_certificate;           // DER
};

struct AuthorisationRow {
  Digest digest;  // of the statement
  Digest token;   // SHA-256 of the secret
  std::string systems;
  std::vector<std::string> controllers;
  std::string kind;
  int64_t uses = 1;
  int64_t spent = 0;
  UnixSeconds expires = 0;
};

// One unbroken run of statements. A fork's second branch starts at from_seq with `parent`; a new
// chain has none.
struct BranchRow {
  int64_t id = 0;
  int64_t host_id = 0;
  Branch tip;  // after its newest statement
  uint64_t from_seq = 0;
  int64_t parent = 0;           // 0: starts its chain
  std::optional<Digest> after;  // the statement it forked from
  uint64_t tip_leaf = 0;
  int64_t continued_by = 0;  // the branch whose first report named this tip in `continues`; 0: none
};

struct StoredReport {
  uint64_t leaf = 0;  // index in the ledger
  int64_t branch = 0;
  tom::Report report;
  Digest digest;
  UnixSeconds counted = 0;
  bool covers = true;  // whether the look counts (CountedTime)
  std::string payload;
  std::string signature;  // DER
  LeafBody leaf_body;
};

// What a stamp has to know of one report.
struct LookRow {
  uint64_t leaf = 0;
  int64_t branch = 0;
  std::vector<std::string> groups;
  UnixSeconds counted = 0;
  bool covers = true;
  std::optional<Anchor> anchor;
};

struct StoredStatement {
  uint64_t leaf = 0;
  Kind kind = Kind::kTick;
  Envelope envelope;
  Digest digest;
  LeafBody leaf_body;
};

// Key: branch, group, from_seq. A run of looks of one group in one state, context and branch, none
// later than twice the interval after the one before.
struct PresenceRow {
  int64_t branch = 0;
  std::string group;  // interval
  uint64_t from_seq = 0;
  uint64_t to_seq = 0;
  UnixSeconds from = 0;  // first and last look, counted time
  UnixSeconds last = 0;
  UnixSeconds until = 0;  // the last look vouches until here
  Digest state;
  int64_t looks = 0;  // those that count; 0: the state is known, the time is not
};

// Key: branch, group, from. A run of looks whose bracket is closed and narrow enough.
struct AnchoredRow {
  int64_t branch = 0;
  std::string group;
  UnixSeconds from = 0;  // first and last anchored look, counted time
  UnixSeconds last = 0;
  UnixSeconds until = 0;  // the next look of the group, at most twice the interval
};

// A verdict over a span of counted time. `to` is kForever while it stands.
struct IntervalRow {
  int64_t id = 0;
  int64_t branch = 0;
  VerdictInterval interval;
  uint64_t opened_by = 0;  // leaf of the report
  std::optional<uint64_t> closed_by;
};

struct LedgerHead {
  uint64_t size = 0;
  Digest root;
  std::string note;             // signed checkpoint
  UnixSeconds received_at = 0;  // of the newest leaf
  std::optional<Digest> scope;  // digest of the newest scope leaf's body
  uint64_t scope_size = 0;      // size after the newest scope leaf that is no tick
};

struct StampRow {
  uint64_t size = 0;
  Digest root;
  std::string note;
  std::string token;  // DER
  UnixSeconds time = 0;
};

// Something seen by the collector itself that a person should know: a fork, a gap, a budget.
struct NoticeRow {
  std::string kind;  // fork | gap | budget | rejected
  std::string host;
  std::string key;  // what makes it one notice and not two
  UnixSeconds at = 0;
  std::string detail;
};

struct BudgetRow {
  int64_t host_id = 0;
  int64_t day = 0;  // days since 1970-01-01
  int64_t bytes = 0;
  int64_t subjects = 0;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_ROWS_H_
