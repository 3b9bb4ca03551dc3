// The inventory as people write it: YAML or CSV -> the statement and its salted bodies.
//
// YAML: {source, drawn_by, drawn_at?, systems: [{id, name, role?, owner?, site?, personal_data?,
// critical?, controllers?, kind?, in_service_from?, in_service_to?}]}. CSV (RFC 4180): the same
// columns of a system in a header line, controllers separated by blanks; `source`, `drawn_by` and
// `drawn_at` come from flags. Left out: personal_data and critical count as true, controllers as
// shared, kind as host; in_service_from as drawn_at.
#ifndef TOM_COLLECTOR_CTL_INVENTORY_FILE_H_
#define TOM_COLLECTOR_CTL_INVENTORY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/scope_statements.h"

namespace tom {

struct InventoryFile {
  Inventory inventory;              // without `common`
  std::vector<std::string> bodies;  // canonical bytes, one a system
};

struct InventoryDefaults {
  std::string source;
  std::string drawn_by;
  UnixSeconds now = 0;  // drawn_at where the file says nothing
};

// Errors name file, line, column and member. Two systems of one id are an error.
absl::StatusOr<InventoryFile> ParseInventoryYaml(std::string_view text, const std::string& file,
                                                 const InventoryDefaults& defaults);
absl::StatusOr<InventoryFile> ParseInventoryCsv(std::string_view text, const std::string& file,
                                                const InventoryDefaults& defaults);

// A date is its midnight, UTC; a time is YYYY-MM-DDTHH:MM:SSZ.
absl::StatusOr<UnixSeconds> ParseDateOrTime(std::string_view text);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_INVENTORY_FILE_H_
