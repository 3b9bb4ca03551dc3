// Files that an operator hands to tomctl: errors name the file, what is read is within its
// contract.
#include <set>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/ctl_config.h"
#include "collector/ctl/inventory_file.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Holds(const absl::StatusOr<InventoryFile>& file) {
  if (!file.ok()) {
    TOM_FUZZ_CHECK(file.status().message().find("x.in") != std::string::npos);
    return;
  }
  TOM_FUZZ_CHECK(file->bodies.size() == file->inventory.systems.size());
}

}  // namespace

void Fuzz(std::string_view input) {
  const InventoryDefaults defaults{.source = "example.org", .drawn_by = "example.org", .now = 1};
  Holds(ParseInventoryYaml(input, "x.in", defaults));
  Holds(ParseInventoryCsv(input, "x.in", defaults));
  static_cast<void>(ParseDateOrTime(input));
  static_cast<void>(ParseCatalogueFile(input).ok());
  const auto config = ParseCtlConfig(input, "x.in");
  TOM_FUZZ_CHECK(config.ok() || config.status().message().find("x.in") != std::string::npos);
}

}  // namespace tom
