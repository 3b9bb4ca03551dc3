// Encryption policies of the kernel: bits are told only of modes that are known.
#include "checks/parse/fscrypt_policy.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto policy = ParseFscryptPolicy(input);
  if (!policy.ok()) return;
  TOM_FUZZ_CHECK(input.size() == (policy->version == 1 ? 12U : 24U));
  TOM_FUZZ_CHECK(!policy->contents.empty() && !policy->filenames.empty());
  TOM_FUZZ_CHECK(policy->key.size() == (policy->version == 1 ? 16U : 32U));
  const auto& bits = policy->strength.bits;
  TOM_FUZZ_CHECK(!bits.has_value() || *bits == 128 || *bits == 256);
  TOM_FUZZ_CHECK(bits.has_value() == !policy->strength.algorithm.empty());
}

}  // namespace tom
