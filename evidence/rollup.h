// Intervals + scope chain + profile -> the status of each measure over a period (design.md
// "Assessment", records.md "Coverage"). Pure: collector and verifier call the same functions on the
// same values.
#ifndef TOM_EVIDENCE_ROLLUP_H_
#define TOM_EVIDENCE_ROLLUP_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evidence/catalogue.h"
#include "evidence/intervals.h"
#include "evidence/scope_statements.h"
#include "evidence/time_set.h"

namespace tom {

// A rule in force from `acts_at` until the next one of its kind.
template <typename T>
struct InForce {
  UnixSeconds acts_at = 0;
  T value;
};

// What is known of one params digest that a host's rows stand under: its check, profiles and
// values.
using ParamsPieces = std::map<Digest, ParamsPiece>;  // by the digest of {check, params}: ParamsKey
Digest ParamsKey(std::string_view check, const Digest& params);

struct HostEvidence {
  std::string host;
  std::string system;           // inventory id of its enrolment
  std::string kind;             // host | connector | collector
  UnixSeconds enrolled_at = 0;  // acts_at of the enrolment
  UnixSeconds retired_at = kForever;
  // The default scope: of the enrolment's authorisation, then of each label, by acts_at. Empty
  // where it is not known: then the host concerns every controller.
  std::vector<InForce<std::vector<std::string>>> controllers;
  std::vector<VerdictInterval> verdicts;
  std::vector<PresenceInterval> presence;
  // Every params piece its contexts ever named; of one check and params that several contexts name,
  // the profiles of the newest. A `fail` under params that no piece explains counts, a `pass` does
  // not.
  ParamsPieces params;
};

// Labels act forward and without the host: from a label's acts_at on, rows that stand under a
// default scope of before count under the label's. Cuts host.verdicts there; call once.
void ApplyLabels(HostEvidence& host);

struct RollupInput {
  TimeSpan period;
  std::string profile;
  std::optional<std::string> controller;   // absent: everything
  std::vector<InForce<Profile>> profiles;  // of that id, by acts_at
  std::vector<InForce<Catalogue>> catalogues;
  std::vector<InForce<Inventory>> inventories;
  std::vector<HostEvidence> hosts;
  bool outside_anchor = false;  // there is at least one stamp
};

enum class MeasureStatus { kSatisfied, kSatisfiedWithExceptions, kNotSatisfied, kNotAssessed };
std::string_view MeasureStatusName(MeasureStatus status);

// A failing row from its opening to the later pass (or removal) that closes it.
struct Finding {
  std::string id;  // digest of (host, check, params, subject_id, opened_at), 32 hex digits
  std::string host;
  std::string system;
  RowKey key;
  std::string measure;
  std::string severity;
  UnixSeconds opened_at = 0;
  UnixSeconds closed_at = kForever;
  UnixSeconds due_at = kForever;
  bool removed = false;  // closed by removal, not by a later pass
  Digest head;  // the one that failed when it opened, or (if later) when the period began; zero for
                // the rules of scope-completeness, which have no rows
};

struct UnitCoverage {
  std::string system;
  std::string check;
  Digest params;
  int64_t demanded_seconds = 0;
  int64_t covered_seconds = 0;
};

struct MeasureResult {
  std::string measure;
  std::vector<std::string> clauses;
  MeasureStatus status = MeasureStatus::kNotAssessed;
  int64_t coverage_ppm = 0;  // mean over units, rounded down
  int64_t passing = 0;       // rows with a pass in the period
  int failing = 0;           // rows failing at the period's end
  int unknown = 0;           // rows unknown at the period's end
  std::vector<std::string> reasons;
  std::vector<UnitCoverage> units;
  std::vector<Finding> findings;
};

struct Rollup {
  TimeSpan period;
  std::vector<MeasureResult> measures;  // every measure the profile names, by id
  int64_t hosts = 0;                    // that were looked at
};

// The two rules that the roll-up applies itself, for measure scope-completeness: over the scope
// statements alone, from outside every host, so that no host can leave itself out.
inline constexpr std::string_view kScopeMeasure = "scope-completeness";
inline constexpr std::string_view kNotEnrolled =
    "scope-not-enrolled";  // in the inventory, not enrolled
inline constexpr std::string_view kNotInInventory =
    "scope-not-in-inventory";  // enrolled, not in the inventory
inline constexpr int64_t kInventoryMaxAgeSeconds =
    31 * 24 * 3600;  // unless the profile says max_age

// The roll-up host by host, so that memory holds one at a time. `rules` says everything else; its
// own hosts are not looked at, and it must outlive the builder.
class RollupBuilder {
 public:
  explicit RollupBuilder(const RollupInput& rules);
  ~RollupBuilder();
  RollupBuilder(const RollupBuilder&) = delete;
  RollupBuilder& operator=(const RollupBuilder&) = delete;

  // REQUIRES: the hosts of one system come one after another.
  void Add(const HostEvidence& host);
  Rollup Finish();  // once, at the end

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

// The same over input.hosts, in any order.
Rollup RollUp(const RollupInput& input);

}  // namespace tom

#endif  // TOM_EVIDENCE_ROLLUP_H_
