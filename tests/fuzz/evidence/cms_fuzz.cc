// Detached signatures: one that holds over a content holds over no other.
#include "evidence/cms.h"
#include "evidence/timestamp_token.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const std::string content = "content";  // what the seeds sign
  const auto signature = VerifyDetachedCms(input, content);
  if (!signature.ok()) return;
  TOM_FUZZ_CHECK(!VerifyDetachedCms(input, content + "x").ok());
  TOM_FUZZ_CHECK(!VerifyDetachedCms(input, "").ok());
  TOM_FUZZ_CHECK(!signature->signer_der.empty() && !signature->signature.empty());
  if (signature->token) (void)ParseTimeStampToken(*signature->token);
}

}  // namespace tom
