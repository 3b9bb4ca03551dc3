// What running one check gives: rows with verdicts, ready to be shown, signed or counted.
#ifndef TOM_CHECKS_ENGINE_OUTCOME_H_
#define TOM_CHECKS_ENGINE_OUTCOME_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/row.h"

namespace tom {

struct RowResult {
  std::string subject;
  Verdict verdict = Verdict::kUnknown;
  std::string reason;  // UTF-8, at most limits::kMaxStringBytes
  Json evidence;       // object: stable columns
  Json aside;          // object: the check's volatile columns
  std::optional<UnixSeconds> valid_until;
};

// One check under one distinct set of parameter values. At least one row, ordered by subject, one
// row a subject.
struct CheckOutcome {
  std::string check;
  Digest check_digest;
  std::string interval;
  std::map<std::string, Json> values;          // resolved parameters
  std::map<std::string, std::string> sources;  // parameter -> profile | host
  Digest params;                               // ParamsDigest(values)
  std::vector<std::string> profiles;           // sorted: who asked for these values
  std::vector<RowResult> rows;
  int64_t duration_ms = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_OUTCOME_H_
