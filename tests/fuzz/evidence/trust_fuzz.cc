// Trust files: what is accepted has one spelling.
#include "evidence/trust.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto trust = ParseTrust(input);
  if (trust.ok()) TOM_FUZZ_CHECK(EncodeTrust(*trust) == input);
}

}  // namespace tom
