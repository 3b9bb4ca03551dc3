// The list's own reader agrees with the strict reader of canonical JSON.
#include "evidence/canonical_json.h"
#include "evidence/report.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto digests = ParseDigestList(input);
  if (digests.ok()) TOM_FUZZ_CHECK(EncodeDigestList(*digests) == input);
  const auto json = ParseCanonical(input);
  if (!json.ok() || !json->IsArray()) {
    TOM_FUZZ_CHECK(!digests.ok());
    return;
  }
  const Json holder = Json::Object{{"list", *json}};
  FieldReader fields(holder, "");
  fields.Digests("list");
  TOM_FUZZ_CHECK(fields.Finish().ok() == digests.ok());
}
