// Contexts and sets of parameters: what is accepted is written again as the same bytes.
#include "evidence/context.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  if (const auto context = ParseContext(input); context.ok()) {
    TOM_FUZZ_CHECK(EncodeContext(*context) == input);
  }
  if (const auto piece = ParseParamsPiece(input); piece.ok()) {
    TOM_FUZZ_CHECK(EncodeParamsPiece(*piece) == input);
  }
}

}  // namespace tom
