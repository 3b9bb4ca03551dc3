// Every figure of report and OSCAL, as one canonical JSON value computed from the roll-up: writers
// only format, and the verifier computes it again.
//
//   {"period": {"from", "to"}, "profile", "controller"?, "hosts", "outside_anchor": flag,
//    "counts": {"satisfied": n, "satisfied_with_exceptions": n, "not_satisfied": n, "not_assessed":
//    n}, "measures": [{"measure", "clauses"?, "status", "coverage": "0.98", "passing", "failing",
//    "unknown", "units": n,
//                  "gaps"?: [{"system", "check", "params", "demanded_seconds", "covered_seconds"}],
//                  "reasons"?: [text], "findings"?: [{"id", "system", "host"?, "check", "params",
//                  "subject_id", "severity", "opened_at",
//                                 "due_at", "closed_at"?, "closed_by"?: "pass" | "removal",
//                                 "head"?}]}]}
//
// Lists that would be empty are left out. Times are those of the records, digests hex.
#ifndef TOM_EVIDENCE_REPORT_NUMBERS_H_
#define TOM_EVIDENCE_REPORT_NUMBERS_H_

#include "evidence/canonical_json.h"
#include "evidence/rollup.h"

namespace tom {

Json ReportNumbers(const Rollup& rollup, const RollupInput& input);

}  // namespace tom

#endif  // TOM_EVIDENCE_REPORT_NUMBERS_H_
