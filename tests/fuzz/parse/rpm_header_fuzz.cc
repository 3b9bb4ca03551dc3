#include "checks/parse/rpm_header.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto header = ParseRpmHeader(input);
  TOM_FUZZ_CHECK(!header.ok() || (!header->name.empty() && header->name.size() <= 4096));
}

}  // namespace tom
