// report/index.html: one self-contained page, readable without scripts, printable.
#ifndef TOM_COLLECTOR_PACK_HTML_REPORT_H_
#define TOM_COLLECTOR_PACK_HTML_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "collector/pack/report_model.h"

namespace tom {

// Every figure of model.numbers is shown and marked as report_agrees.h asks; every text passes
// HtmlText.
absl::StatusOr<std::string> WriteHtmlReport(const ReportModel& model);

// README.txt of a pack: how to verify it by hand.
std::string PackReadme();

// The page as a mustache template (report_template.cc).
extern const char kReportTemplate[];
// Its style sheet, for screens, telephones and paper (report_style.cc).
extern const char kReportStyle[];

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_HTML_REPORT_H_
