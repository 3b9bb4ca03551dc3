// Rows of a table as one text, for EnvMemory. Pure and thread-safe.
#ifndef TOM_CHECKS_TABLES_ROW_TEXT_H_
#define TOM_CHECKS_TABLES_ROW_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/engine/value.h"

namespace tom {

// Printable ASCII, tabs and line ends alone.
std::string RowsToText(const std::vector<ValueRow>& rows);

// Nothing where `text` is none of RowsToText's, or has other than `columns` cells in a row.
std::optional<std::vector<ValueRow>> RowsFromText(std::string_view text, size_t columns);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_ROW_TEXT_H_
