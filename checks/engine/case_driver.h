// Runs a check's cases, and every case again with facts missing: no `fail` or `unknown` may become
// `pass`.
#ifndef TOM_CHECKS_ENGINE_CASE_DRIVER_H_
#define TOM_CHECKS_ENGINE_CASE_DRIVER_H_

#include <string>
#include <vector>

#include "checks/engine/check_yaml.h"
#include "checks/engine/table.h"

namespace tom {

struct CaseReport {
  size_t cases = 0;
  size_t mutations = 0;
  std::vector<std::string> problems;  // "file:line: case: what went wrong"; empty = all hold
};

// Each case replaces the tables that the query reads by its own facts. Mutations: each column of
// each table NULL in all rows, then in each row alone; each table emptied; each table unread. Every
// case also runs with the clock an hour on: rows whose verdict is the same must be the same bytes
// (records.md "Rows": no running clock in reason or evidence).
CaseReport RunCases(const CheckSource& source, const std::vector<Table>& tables);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CASE_DRIVER_H_
