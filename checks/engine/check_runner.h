// Runs one check over the fact tables: rows with verdicts (design.md rule 1, records.md "Limits").
//
// Unknown is never pass:
//   a verdict that is NULL or foreign                 unknown
//   two verdicts for one subject                      the worst
//   a REAL anywhere, an SQL error                     one row `host`, unknown, with the message
//   a table that could not be read wholly             pass becomes unknown, fail stays, and `host`
//   unknown says what more rows than the bound                          the same, reason
//   `truncated` a text over 4 KiB, a row over 32 KiB              cut, and pass or not_applicable
//   becomes unknown valid_until that is over                          pass becomes unknown no row
//   one row `host` with when_empty; never pass where a table that the
//                                                     query reads had no row at all
#ifndef TOM_CHECKS_ENGINE_CHECK_RUNNER_H_
#define TOM_CHECKS_ENGINE_CHECK_RUNNER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/outcome.h"
#include "checks/engine/sql_engine.h"
#include "evidence/catalogue.h"

namespace tom {

// One check under one distinct set of values.
struct CheckJob {
  Check check;
  std::map<std::string, Json> values;          // typed: ProfileValues, tightened by the host
  std::map<std::string, std::string> sources;  // parameter -> profile | host
  std::vector<std::string> profiles;           // sorted
  std::string file;                            // for messages; may be empty
  int query_line = 0;
};

inline constexpr char kHostSubject[] = "host";

// Never fails: what goes wrong is a row. Times from the engine's Env.
CheckOutcome RunCheck(SqlEngine& engine, const CheckJob& job);

// The outcome of a check that could not be run at all: one row `host`, unknown.
CheckOutcome UnknownOutcome(const CheckJob& job, const std::string& reason);

// What a parameter's value is in SQL: text, integer, a duration in seconds, a list as JSON for
// json_each.
absl::StatusOr<Value> SqlValue(const Parameter& parameter, const Json& value);

// Parameters that name people go through the same function as columns that do (design.md rule 9).
std::map<std::string, Json> PseudonymiseValues(const Check& check,
                                               std::map<std::string, Json> values,
                                               const std::string& key);

// The values as a report records them, and its `params` digests them: those of the host's own file
// that name people are pseudonyms; those of profile and catalogue stand as published, so that a
// verifier finds the very values that the profile demands.
std::map<std::string, Json> RecordedValues(const CheckJob& job, const std::string& key);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CHECK_RUNNER_H_
