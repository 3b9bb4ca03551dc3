// What a check must not do, as far as its text and one compilation can tell; the cases tell the
// rest (case_driver.h).
#ifndef TOM_CHECKS_ENGINE_CHECK_LINT_H_
#define TOM_CHECKS_ENGINE_CHECK_LINT_H_

#include <string>
#include <vector>

#include "checks/engine/check_yaml.h"
#include "checks/engine/table.h"

namespace tom {

// Each finding is "file:line: problem". Rules: no ELSE 'pass'; versions are not compared as text;
// at least one fact table is read; no random() and no clock but :now; every parameter is declared
// and used; columns subject, verdict and reason; volatile columns exist; personal columns are not
// compared with a literal (they are pseudonyms in reports); at least one case that expects pass,
// one fail and one unknown; no two cases of one name. `tables` are all that exist where it runs.
std::vector<std::string> LintCheck(const CheckSource& source, const std::vector<Table>& tables);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CHECK_LINT_H_
