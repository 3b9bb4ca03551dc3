// The evidence files of a pack: what is accepted is written again as the same bytes.
#include "evidence/bundle.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  if (const auto bundle = ParseHostBundle(input); bundle.ok()) {
    TOM_FUZZ_CHECK(EncodeHostBundle(*bundle) == input);
  }
  if (const auto chain = ParseScopeChain(input); chain.ok()) {
    TOM_FUZZ_CHECK(EncodeScopeChain(*chain) == input);
  }
  if (const auto stamps = ParseStamps(input); stamps.ok()) {
    TOM_FUZZ_CHECK(EncodeStamps(*stamps) == input);
  }
  if (const auto facts = ParsePackFacts(input); facts.ok()) {
    TOM_FUZZ_CHECK(EncodePackFacts(*facts) == input);
  }
}

}  // namespace tom
