// Lists as people and scripts read them. Everything shown came over the wire: it passes an encoder.
#ifndef TOM_COLLECTOR_CTL_LISTING_H_
#define TOM_COLLECTOR_CTL_LISTING_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

// `json` is a document of the collector; `rows` names the member that holds the list ("" = the
// document itself), an object counts as a list of one. `columns` are members of a row. format json
// gives the document back, table and csv the columns. InvalidArgument when it is no JSON.
absl::StatusOr<std::string> FormatList(std::string_view json, const std::string& rows,
                                       const std::vector<std::string>& columns,
                                       const std::string& format);

// One field (RFC 4180): quoted where needed, control characters made visible, and text that a
// spreadsheet would take for a formula begins with an apostrophe.
std::string CsvField(std::string_view text);

// The texts of one column, for exit codes.
absl::StatusOr<std::vector<std::string>> ListColumn(std::string_view json, const std::string& rows,
                                                    const std::string& column);

// The one row of a list whose member (one of `columns`) is `value`, as JSON; NotFound, or
// FailedPrecondition where there are several.
absl::StatusOr<std::string> OnlyRow(std::string_view json, const std::vector<std::string>& columns,
                                    const std::string& value);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_LISTING_H_
