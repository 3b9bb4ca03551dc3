// The parts of the roll-up, each a pure function: rules in force, demanded units and their
// coverage, findings. Internal to evidence/.
#ifndef TOM_EVIDENCE_ROLLUP_PARTS_H_
#define TOM_EVIDENCE_ROLLUP_PARTS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/rollup.h"
#include "evidence/time_set.h"

namespace tom::rollup {

// A check that a profile's measures demand, with the values it promises.
struct DemandedCheck {
  const Check* check = nullptr;
  std::map<std::string, Json> values;
  Digest params;          // of the values
  bool observed = false;  // on trial after it counted in another form: demanded, and not covered
};

// One profile and one catalogue that were in force together at some time of the period, with the
// same checks on trial.
struct Rules {
  const Profile* profile = nullptr;
  const Catalogue* catalogue = nullptr;
  TimeSet times;
  std::vector<DemandedCheck> checks;             // those of the profile's measures, by id
  std::map<std::string, const Check*> observed;  // on trial: their rows count for nothing
};

// When an inventory system has to be covered.
struct SystemDemand {
  std::string kind;
  std::vector<std::string> controllers;
  UnixSeconds service_from = kForever;  // earliest stated
  TimeSet in_service;                   // listed by the inventory in force, and in service
  TimeSet late;  // in service by what a later inventory says: counts only where it is not covered
};

struct RulesInForce {
  std::vector<Rules> rules;
  std::map<std::string, SystemDemand> systems;  // those of the controller
  TimeSet without;  // promised, but no profile, catalogue or inventory on record: covered by nobody
  TimeSet inventory;               // an inventory is in force
  TimeSet fresh;                   // ... and is not older than the profile allows
  std::set<std::string> measures;  // every measure that a profile in force names
};
RulesInForce FindRules(const RollupInput& input);

// The profile in force at `time`, or the last before it; null when there is none.
const Profile* ProfileAt(const RollupInput& input, UnixSeconds time);
// Clauses of `profile` that name the measure, in its order.
std::vector<std::string> ClausesOf(const Profile& profile, const std::string& measure);

// Whether rows under `params` on `host` answer `check` as the profile of `rules` promises it: a
// piece names the profile, and no value is looser.
bool Answers(const HostEvidence& host, const DemandedCheck& check, const Profile& profile,
             const Digest& params);
bool InScope(const std::vector<std::string>& scope, const std::optional<std::string>& controller);

// Verdicts of one host by check.
using CheckRows = std::map<std::string, std::vector<const VerdictInterval*>>;
CheckRows RowsByCheck(const HostEvidence& host, const std::optional<std::string>& controller);

// Units of all measures with their coverage, and the pass rows seen on the way.
struct UnitsOfMeasure {
  std::vector<UnitCoverage> units;
  int64_t passing = 0;
};
using UnitsByMeasure = std::map<std::string, UnitsOfMeasure>;

// What answers one demanded check of one system: where its hosts are present, anchored and know,
// and their rows that pass there.
struct Answer {
  TimeSet covered;
  std::set<RowKey> passing;
};

// The hosts of one system one after another, `rows` their RowsByCheck.
class UnitCollector {
 public:
  explicit UnitCollector(const RulesInForce& rules) : rules_(rules) {}
  void Add(const HostEvidence& host, const CheckRows& rows);
  UnitsByMeasure Finish();

 private:
  void EndSystem();
  void CoverSystem(const std::string& id, const SystemDemand& system,
                   const std::vector<Answer>& answers);

  const RulesInForce& rules_;
  std::optional<std::string> system_;  // the one whose hosts come now
  std::vector<Answer> answers_;        // of it, by rules and check
  std::set<std::string> done_;
  UnitsByMeasure measures_;
};

// Findings of all measures that were open at some time of the period, and rows failing or unknown
// at its end.
struct FindingsOfMeasure {
  std::vector<Finding> findings;  // by opened_at, then id
  int failing = 0;
  int unknown = 0;
};
using FindingsByMeasure = std::map<std::string, FindingsOfMeasure>;

// A check while some rule of the period asks for it.
struct AskedCheck {
  const Check* check = nullptr;
  TimeSet times;
  TimeSet trial;  // when it was observed: what was seen then opens nothing and closes nothing
};

class FailureCollector {
 public:
  FailureCollector(const RollupInput& input, const RulesInForce& rules);
  void Add(const HostEvidence& host, const CheckRows& rows);
  FindingsByMeasure Finish() { return std::move(measures_); }

 private:
  const RollupInput& input_;
  const std::map<std::string, AskedCheck> asked_;
  FindingsByMeasure measures_;
};

// What the rules of scope-completeness ask of a host.
struct HostInScope {
  std::string host;
  std::string system;
  std::string kind;
  TimeSpan enrolled;
  TimeSet concerned;  // when it is the controller's: by its default scope, or by a row of its own
};
HostInScope ScopeOf(const HostEvidence& host, const std::optional<std::string>& controller);

// The two rules of scope-completeness.
void AssessScope(const RollupInput& input, const RulesInForce& rules,
                 const std::vector<HostInScope>& hosts, UnitsOfMeasure& units,
                 FindingsOfMeasure& findings);

// id and due_at of a finding whose other members are set.
void CompleteFinding(const RollupInput& input, Finding& finding);

// Where the group was looked at and anchored.
TimeSet SpansOf(const std::vector<PresenceInterval>& presence, const std::string& interval);

}  // namespace tom::rollup

#endif  // TOM_EVIDENCE_ROLLUP_PARTS_H_
