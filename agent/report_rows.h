// The rows of one look: outcomes, and what stood before and was not seen again.
#ifndef TOM_AGENT_REPORT_ROWS_H_
#define TOM_AGENT_REPORT_ROWS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "agent/report_builder.h"

namespace tom {

struct NewRow {
  Head head;
  Digest digest;  // of the head
  std::string head_bytes;
  std::string body_bytes;
};
using NewRows = std::map<RowKey, NewRow>;

// Every row in force after the look, for the checks it has outcomes of.
absl::StatusOr<NewRows> MakeRows(const HostView& host, const BuiltContext& context,
                                 const Look& look, const ReportBasis& basis);

}  // namespace tom

#endif  // TOM_AGENT_REPORT_ROWS_H_
