// The catalogue and its checks as every part sees them: canonical JSON, never YAML (design.md
// "Assessment").
//
// Catalogue: {version, checks: {id: check}, measures: {id: measure}, profiles: {id: profile},
// authorities?: [b64 DER], observed?: {check: {effective_from?: time}}}. Check: {id, measure,
// title, severity, interval, runs_on, parameters?: {name: parameter}, query, expects?, volatile?:
// set,
//   when_empty, rationale?, remediation?, references?}; its digest is SHA-256 of just that:
//   `cases`, `mode` and `effective_from` are no part of it. Parameter: {type, stricter, value?,
//   personal?}; value absent = the empty list.
// Measure: {title, statement, references?: {framework: [id]}}.
// Profile: {id, agreement: {title, version, sha256?, effective_from: time, effective_to?: time},
// time_zone, clauses?: [clause],
//   thresholds: {coverage_satisfied: "0.98", coverage_assessed, anchor_max: seconds, remedy:
//   {severity: seconds}}, source_incomplete: flag}.
// Clause: {clause, promise, reading?, reading_by?, basis, proof, measures?: {measure: {parameter:
// value}}}; an empty
//   list is written {} there, for in a profile it must differ from silence.
// Readers are strict: unknown members, ids that are no ids, enumerations outside their list are
// errors naming the member.
#ifndef TOM_EVIDENCE_CATALOGUE_H_
#define TOM_EVIDENCE_CATALOGUE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/parameter.h"
#include "evidence/utc_time.h"

namespace tom {

struct Check {
  std::string id;
  std::string measure;
  std::string title;
  std::string severity;  // low | medium | high | critical
  std::string interval;  // one of kIntervals
  std::string runs_on;   // host | connector | collector
  std::map<std::string, Parameter> parameters;
  std::string query;
  std::string expects;  // "" | rows | no_rows (osquery-style policy query; subject is the host)
  std::vector<std::string>
      volatile_columns;    // sorted: shown beside the evidence, outside its digest
  std::string when_empty;  // pass | fail | unknown | not_applicable
  std::string rationale;
  std::string remediation;
  std::vector<std::string> references;
  Digest digest;  // of its canonical JSON
};

Json CheckToJson(const Check& check);
// Strict; fills `digest`.
absl::StatusOr<Check> CheckFromJson(const Json& json, const std::string& where);

// Lower-case letters, digits and `-`, at most 100 bytes, starting with a letter; a check's id may
// start with "site/".
bool IsCatalogueId(std::string_view id);
bool IsCheckId(std::string_view id);

struct Clause {
  std::string clause;
  std::string promise;
  std::string reading;  // may be empty
  Json reading_by;      // object, may be empty
  std::string basis;    // promised | interpreted | voluntary
  std::string proof;    // measured | documented | attested | none
  std::map<std::string, std::map<std::string, Json>> measures;  // measure -> parameter -> value
};

struct Thresholds {
  int coverage_satisfied_ppm = 980000;  // parts per million: 0.98
  int coverage_assessed_ppm = 900000;
  int64_t anchor_max_seconds = 48 * 3600;
  std::map<std::string, int64_t> remedy_seconds;  // severity -> time to remedy
};

struct Profile {
  std::string id;
  std::string title;  // agreement
  std::string version;
  std::string document;  // SHA-256 hex of the agreement's text
  UnixSeconds effective_from = 0;
  UnixSeconds effective_to = 0;  // 0: open
  std::string time_zone;
  std::vector<Clause> clauses;  // in the document's order
  Thresholds thresholds;
  bool source_incomplete = false;
  Digest digest;
};

// "0.98" as parts per million; at most six decimals, from 0.0 to 1.0.
absl::StatusOr<int> ParseFractionPpm(std::string_view text);

Json ProfileToJson(const Profile& profile);
absl::StatusOr<Profile> ProfileFromJson(const Json& json, const std::string& where);

struct Measure {
  std::string id;
  std::string title;
  std::string statement;  // what it asks, in our words
  std::map<std::string, std::vector<std::string>>
      references;  // gdpr, iso27001, soc2, cis, scc -> ids
};

Json MeasureToJson(const Measure& measure);
absl::StatusOr<Measure> MeasureFromJson(std::string id, const Json& json, const std::string& where);

struct Catalogue {
  int64_t version = 0;
  std::map<std::string, Check> checks;
  std::map<std::string, Measure> measures;
  std::map<std::string, Profile> profiles;
  std::vector<std::string> authorities;  // DER certificates whose time-stamps agents accept
  // Checks on trial, by id: their rows are recorded and count neither for nor against before the
  // time; without one, not while this catalogue is in force.
  std::map<std::string, std::optional<UnixSeconds>> observed;
};

bool IsObserved(const Catalogue& catalogue, const std::string& check, UnixSeconds time);

std::string EncodeCatalogue(const Catalogue& catalogue);
absl::StatusOr<Catalogue> ParseCatalogue(std::string_view bytes);

// The values of one check under one profile: the check's defaults, replaced by what the profile's
// measures say. A profile parameter applies to every check of its measure that declares a parameter
// of that name; where two clauses demand different values, both hold (BothDemanded). A value that
// is not of the parameter's type is kept as it is, so that the check fails to run: loaders refuse
// it before.
std::map<std::string, Json> ProfileValues(const Check& check, const Profile& profile);

// {name: value}, empty lists left out: what `params` digests, and what params pieces show.
Json ValuesToJson(const std::map<std::string, Json>& values);

// Digest of ValuesToJson: `params` of heads. {} when there are no parameters.
Digest ParamsDigest(const std::map<std::string, Json>& values);

}  // namespace tom

#endif  // TOM_EVIDENCE_CATALOGUE_H_
