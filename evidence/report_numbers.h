// Every figure of report and OSCAL, as one canonical JSON value computed from the roll-up: writers only format, and the
// verifier computes it again.
//
//   {"period": {"from", "to"}, "profile", "counts": {"satisfied": n, ...},
//    "measures": [{"measure", "clauses", "status", "coverage": "0.98", "failing", "unknown", "units", "findings": [...],
//                  "reasons": [...]}]}
#ifndef TOM_EVIDENCE_REPORT_NUMBERS_H_
#define TOM_EVIDENCE_REPORT_NUMBERS_H_

#include "evidence/canonical_json.h"
#include "evidence/rollup.h"

namespace tom {

Json ReportNumbers(const Rollup& rollup, const RollupInput& input);

}  // namespace tom

#endif  // TOM_EVIDENCE_REPORT_NUMBERS_H_
