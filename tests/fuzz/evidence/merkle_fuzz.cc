// Proofs of any shape against roots that no tree of the fuzzer has: sizes and hashes come from the
// input, and a proof is good only for the root that it gives itself.
#include <cstring>

#include "evidence/merkle.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

uint64_t TakeNumber(std::string_view& input) {
  uint64_t number = 0;
  if (input.size() < sizeof number) return 0;
  std::memcpy(&number, input.data(), sizeof number);
  input.remove_prefix(sizeof number);
  return number;
}

}  // namespace

void Fuzz(std::string_view input) {
  const uint64_t first = TakeNumber(input);
  const uint64_t second = TakeNumber(input);
  std::vector<Digest> proof;
  while (input.size() >= 32 && proof.size() < 200) {
    proof.push_back(*Digest::FromRaw(input.substr(0, 32)));
    input.remove_prefix(32);
  }
  const Digest leaf = merkle::LeafHash(input);
  const auto root = merkle::RootFromInclusion(first, second, leaf, proof);
  if (root.ok()) {
    TOM_FUZZ_CHECK(first < second && proof.size() <= 64);
    TOM_FUZZ_CHECK(merkle::VerifyInclusion(first, second, leaf, proof, *root).ok());
  }
  const Digest unknown = Sha256("no tree has this root");
  TOM_FUZZ_CHECK(!merkle::VerifyInclusion(first, second, leaf, proof, unknown).ok());
  const auto grown = merkle::VerifyConsistency(first, second, leaf, unknown, proof);
  TOM_FUZZ_CHECK(!grown.ok());
}

}  // namespace tom
