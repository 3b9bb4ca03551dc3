// Hex, base64, times and durations: one spelling a value.
#include "evidence/digest.h"
#include "evidence/utc_time.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  if (const auto bytes = HexDecode(input); bytes.ok()) TOM_FUZZ_CHECK(HexEncode(*bytes) == input);
  if (const auto bytes = Base64Decode(input); bytes.ok()) {
    TOM_FUZZ_CHECK(Base64Encode(*bytes) == input);
  }
  if (const auto time = ParseUtc(input); time.ok()) TOM_FUZZ_CHECK(FormatUtc(*time) == input);
  if (const auto seconds = ParseDurationSeconds(input); seconds.ok()) TOM_FUZZ_CHECK(*seconds >= 0);
  TOM_FUZZ_CHECK(Base64Decode(Base64Encode(input)).value_or("") == input);
}
