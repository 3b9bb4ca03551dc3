#include "checks/parse/unit_file.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  UnitFile unit;
  unit.Read(input);
  unit.Words("Install", "WantedBy");
  TOM_FUZZ_CHECK(unit.Value("", "A").empty());
  UnitBoolean(input, false);
}

}  // namespace tom
