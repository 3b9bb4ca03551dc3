// The result of a check's query -> rows with verdicts. Internal to check_runner.
#ifndef TOM_CHECKS_ENGINE_RESULT_ROWS_H_
#define TOM_CHECKS_ENGINE_RESULT_ROWS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/outcome.h"
#include "checks/engine/sql_engine.h"
#include "evidence/catalogue.h"

namespace tom {

// The rules of check_runner.h, but for the errors. Fails where the result breaks the check's
// contract: a REAL, no column `subject` or `verdict`, a column twice, a NULL subject.
absl::StatusOr<std::vector<RowResult>> RowsOfResult(const Check& check, const SqlResult& result,
                                                    UnixSeconds now);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_RESULT_ROWS_H_
