// A head or body that is accepted is written again as the same bytes, and passes the check that its
// maker has to pass.
#include "evidence/row.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  if (const auto head = ParseHead(input); head.ok()) {
    TOM_FUZZ_CHECK(Canonical(HeadToJson(*head)) == input);
  }
  if (const auto body = ParseBody(input); body.ok()) {
    TOM_FUZZ_CHECK(Canonical(BodyToJson(*body)) == input);
    TOM_FUZZ_CHECK(CheckBody(*body).ok());
  }
}
