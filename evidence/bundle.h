// What lies in a pack besides report and OSCAL: the evidence itself, in files the verifier reads
// strictly.
//
//   pack.json                        PackFacts: period, profile, controller, numbers
//   evidence/scope.json              the scope chain whole, with the leaf of each statement
//   evidence/hosts/<host>/<YYYY-MM>.json   one HostBundle; those of a host are read in order of
//   their names evidence/blobs/<digest>          contexts, params, catalogues, profiles, inventory
//   bodies, signers' certificates ledger/stamps.json               stamped checkpoints, oldest
//   first, with consistency proofs between neighbours
//
// All are canonical JSON. Every struct has Encode…/Parse… of the file's bytes; readers are strict.
#ifndef TOM_EVIDENCE_BUNDLE_H_
#define TOM_EVIDENCE_BUNDLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/envelope.h"
#include "evidence/leaf.h"
#include "evidence/replay.h"
#include "evidence/report.h"
#include "evidence/row.h"

namespace tom {

// A leaf with its inclusion in the newest stamped checkpoint that is no older than needed (named by
// its size).
struct ProvenLeaf {
  uint64_t index = 0;
  LeafBody body;
  uint64_t size = 0;  // of the checkpoint the proof leads to
  std::vector<Digest> inclusion;
};

struct ScopeEntry {
  Envelope statement;
  ProvenLeaf leaf;
};
struct ScopeChain {
  std::vector<ScopeEntry> entries;  // by index; catalogue leaves stand in `catalogues`
  std::vector<ScopeEntry> catalogues;
};

struct Stamp {
  std::string note;                 // the signed checkpoint
  std::string token;                // DER
  std::vector<Digest> consistency;  // from the stamp before; empty for the first
};

// One statement of a chain. A heartbeat is kept as columns; all else of it follows from its
// predecessor: seq + 1, prev, the same context and states.
struct Heartbeat {
  UnixSeconds observed_at = 0;
  int64_t duration_ms = 0;
  std::optional<int64_t> clock_offset_ms;
  std::vector<std::string> groups;  // intervals looked at, sorted
  std::optional<Anchor> anchor;     // absent where it is the predecessor's
};
struct BundleStatement {
  std::string payload;                 // empty for a heartbeat
  std::optional<Heartbeat> heartbeat;  // exactly when payload is empty
  std::string signature;  // of branch tips and of the last report of each key; else empty
};

// What stood when a bundle begins in the middle of a chain. `looks` are statements in the chain's
// order up to the chain's `after`, from the oldest look that is some group's last one on: the first
// and the newest are whole, the last look of each group and the newest signed and with their
// leaves. Where each follows the one before, `prev` shows that no later look is left out; where one
// does not, nobody can tell.
struct BundleOpening {
  std::vector<BundleStatement> looks;
  std::vector<Digest>
      standing;  // digests of all heads in force after `after`, sorted; absent when there are none
};

// A run of statements, each the successor of the one before. The first's predecessor is `after`, or
// none at seq 0. `after` is the last statement of a run in an earlier bundle, any statement of a
// run further up in this one (a fork), or the newest look of `opening`, which lies before the
// period or is shown already. Runs stand so that what a chain `continues` comes before it.
struct BundleChain {
  std::string chain;
  std::optional<Digest> after;
  std::optional<BundleOpening> opening;  // only with `after`
  std::vector<BundleStatement> statements;
};

struct HostBundle {
  std::string host;
  std::string month;        // YYYY-MM
  std::vector<Head> heads;  // every head that the statements name as changed or standing, by digest
  std::vector<std::string> bodies;  // canonical bytes of those that may be shown, sorted by digest
  std::vector<BundleChain> chains;
  std::vector<ProvenLeaf>
      leaves;  // by index: for each chain and stamp, the last report that the stamp covers, and
               // the looks of openings; each proven in the first stamp that covers it
  std::vector<ScopeEntry>
      handovers;  // by index; hand-overs of this host's key whose leaf is of this month
};

struct PackFacts {
  std::string ledger;
  UnixSeconds from = 0;
  UnixSeconds to = 0;
  std::string profile;
  std::optional<std::string> controller;
  Json numbers;  // report_numbers of the roll-up: every figure in report and OSCAL
};

std::string EncodeScopeChain(const ScopeChain& chain);
absl::StatusOr<ScopeChain> ParseScopeChain(std::string_view bytes);
std::string EncodeStamps(const std::vector<Stamp>& stamps);
absl::StatusOr<std::vector<Stamp>> ParseStamps(std::string_view bytes);
std::string EncodeHostBundle(const HostBundle& bundle);
absl::StatusOr<HostBundle> ParseHostBundle(std::string_view bytes);
std::string EncodePackFacts(const PackFacts& facts);
absl::StatusOr<PackFacts> ParsePackFacts(std::string_view bytes);

// The report behind a heartbeat that follows `before`.
Report ExpandHeartbeat(const Heartbeat& heartbeat, const Branch& before);
// The columns of `report` if they are all of it, given its predecessor: a heartbeat without a new
// context or state.
std::optional<Heartbeat> CollapseReport(const Report& report, const Branch& before);

// The names of the files above.
std::string HostBundleName(std::string_view host, std::string_view month);
std::string BlobName(const Digest& digest);
inline constexpr std::string_view kPackFactsName = "pack.json";
inline constexpr std::string_view kScopeName = "evidence/scope.json";
inline constexpr std::string_view kStampsName = "ledger/stamps.json";
// The month "YYYY-MM" of a time.
std::string MonthOf(UnixSeconds time);

}  // namespace tom

#endif  // TOM_EVIDENCE_BUNDLE_H_
