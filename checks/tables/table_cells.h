// For tests of tables: scans one, and gives its cells as text.
#ifndef TOM_CHECKS_TABLES_TABLE_CELLS_H_
#define TOM_CHECKS_TABLES_TABLE_CELLS_H_

#include <string>
#include <vector>

#include "checks/engine/scan.h"
#include "checks/engine/table.h"

namespace tom {

inline Scan ScanAll(const Table& table, Env& env) {
  const Declared declared;
  return ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
}

// The named cells of each row, with "|" between them; NULL for none.
inline std::vector<std::string> CellLines(const Table& table, const Scan& scan,
                                          const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  lines.reserve(scan.rows.size());
  for (const ValueRow& row : scan.rows) {
    std::string line;
    for (const std::string& name : names) {
      for (size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name != name) continue;
        if (&name != &names.front()) line.append("|");
        line.append(IsNull(row[i]) ? "NULL" : ValueText(row[i]));
      }
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TABLE_CELLS_H_
