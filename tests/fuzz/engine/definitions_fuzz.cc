// Checks, profiles and measures as people write them: an error or a definition, and the error names
// the file.
#include "checks/engine/check_yaml.h"
#include "checks/engine/profile_yaml.h"
#include "checks/engine/zone_time.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

template <typename Result>
void NamesItsFile(const Result& result) {
  TOM_FUZZ_CHECK(result.ok() || result.status().message().find("x.yaml") != std::string::npos);
}

}  // namespace

void Fuzz(std::string_view input) {
  NamesItsFile(ParseCheckYaml(input, "x.yaml"));
  NamesItsFile(ParseProfileYaml(input, "x.yaml"));
  NamesItsFile(ParseMeasureYaml(input, "x.yaml"));
  static_cast<void>(ParseDateStart(input, "Europe/Berlin"));
  static_cast<void>(ParseDateEnd(input, "Europe/Berlin"));
}

}  // namespace tom
