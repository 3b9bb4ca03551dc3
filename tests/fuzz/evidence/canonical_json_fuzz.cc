// The strict reader accepts exactly the bytes that the writer would write.
#include "evidence/canonical_json.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto json = ParseCanonical(input);
  if (!json.ok()) return;
  const auto bytes = EncodeCanonical(*json);
  TOM_FUZZ_CHECK(bytes.ok() && *bytes == input);
}
