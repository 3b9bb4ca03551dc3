// The signed catalogue and the auditor's policy: what is accepted is canonical, for its digest is
// what is pinned.
#include "evidence/catalogue.h"
#include "evidence/claims.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  if (const auto catalogue = ParseCatalogue(input); catalogue.ok()) {
    TOM_FUZZ_CHECK(EncodeCatalogue(*catalogue) == input);
  }
  if (const auto ppm = ParseFractionPpm(input); ppm.ok()) {
    TOM_FUZZ_CHECK(*ppm >= 0 && *ppm <= 1000000);
  }
  static_cast<void>(ParsePolicy(input).ok());
}
