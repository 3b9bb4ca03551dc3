// One scan of one table: the rows, and what could not be read.
#ifndef TOM_CHECKS_ENGINE_SCAN_H_
#define TOM_CHECKS_ENGINE_SCAN_H_

#include <string>
#include <vector>

#include "checks/engine/table.h"

namespace tom {

inline constexpr size_t kMaxScanRows = 200000;
inline constexpr size_t kMaxScanBytes = 24 << 20;

struct Scan {
  std::vector<ValueRow> rows;
  std::vector<std::string> incomplete;  // reasons; empty = everything was read
};

// Runs the table's generate. Personal columns are pseudonymised when `pseudonym_key` is not null.
// Never fails: errors are in `incomplete`.
Scan ScanTable(const Table& table, Env& env, const TableContext& context,
               const std::string* pseudonym_key);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SCAN_H_
