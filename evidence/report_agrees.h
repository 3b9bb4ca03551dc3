// The claim `report-agrees`: every figure that report/index.html shows is the one that the evidence
// gives.
//
// The report marks each of them, once or more: <span data-tom="measures/backup/coverage">98
// %</span>. The text must be ShownNumber of the recomputed figure; a marked figure that does not
// exist, or one that is nowhere shown, disproves.
#ifndef TOM_EVIDENCE_REPORT_AGREES_H_
#define TOM_EVIDENCE_REPORT_AGREES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "evidence/canonical_json.h"

namespace tom {

inline constexpr std::string_view kReportName = "report/index.html";

// How a figure of that path is printed: coverage in percent, times as "2026-01-31 12:00:00 UTC",
// states in words.
std::string ShownNumber(std::string_view path, std::string_view text);

// Text in HTML, for content and quoted attributes alike: < > & " ' and ` become entities, controls
// U+FFFD.
std::string HtmlText(std::string_view text);

// Also refuses scripts, frames, forms and whatever else a report that was written here never has.
absl::Status CheckReport(std::string_view html, const Json& numbers);

}  // namespace tom

#endif  // TOM_EVIDENCE_REPORT_AGREES_H_
