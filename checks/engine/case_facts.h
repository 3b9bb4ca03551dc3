// Facts of a case as tables. Internal to case_driver.
#ifndef TOM_CHECKS_ENGINE_CASE_FACTS_H_
#define TOM_CHECKS_ENGINE_CASE_FACTS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/check_yaml.h"
#include "checks/engine/table.h"

namespace tom {

// Rows by table, in the order of the table's columns.
struct CaseFacts {
  std::map<std::string, std::vector<ValueRow>> rows;
  std::set<std::string> unread;
};

// Typed by the tables' columns. Fails on a table or column that is not there and on a value of
// another type.
absl::StatusOr<CaseFacts> FactsOf(const CheckCase& one, const std::vector<Table>& tables);

// The tables named in `names`, giving these facts instead of the host's.
std::vector<Table> TablesOf(const CaseFacts& facts, const std::vector<Table>& tables,
                            const std::set<std::string>& names);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CASE_FACTS_H_
