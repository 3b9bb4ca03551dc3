// Headers as they are, and - since no fuzzer guesses a checksum - the input as the JSON of a LUKS2
// header whose checksums are good: what is told of a key agrees with itself.
#include "checks/parse/luks_header.h"
#include "evidence/digest.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

constexpr size_t kCopyBytes = 16384;
constexpr size_t kBinaryBytes = 4096;

void PutBigEndian(std::string& bytes, size_t at, uint64_t value, size_t size) {
  for (size_t i = size; i-- > 0; value >>= 8) bytes[at + i] = static_cast<char>(value & 0xff);
}

std::string Copy(std::string_view json, bool second) {
  std::string copy(kCopyBytes, '\0');
  copy.replace(0, 6, second ? "SKUL\xba\xbe" : "LUKS\xba\xbe", 6);
  PutBigEndian(copy, 6, 2, 2);
  PutBigEndian(copy, 8, kCopyBytes, 8);
  copy.replace(72, 6, "sha256");
  PutBigEndian(copy, 256, second ? kCopyBytes : 0, 8);
  json = json.substr(0, kCopyBytes - kBinaryBytes);
  copy.replace(kBinaryBytes, json.size(), json);
  copy.replace(448, 32, Sha256(copy).Raw());
  return copy;
}

void Offer(std::string_view bytes) {
  const auto header = ParseLuksHeader(bytes);
  if (!header.ok()) return;
  TOM_FUZZ_CHECK(header->version == 1 || header->version == 2);
  TOM_FUZZ_CHECK(header->copy == "primary" || header->copy == "secondary");
  TOM_FUZZ_CHECK(header->copy == "primary" || !header->note.empty());
  TOM_FUZZ_CHECK(header->key_bytes >= 0 && header->key_bytes <= 512);
  if (!header->strength.bits.has_value()) return;
  TOM_FUZZ_CHECK(*header->strength.bits <= header->key_bytes * 8 || *header->strength.bits == 0);
  TOM_FUZZ_CHECK(!header->strength.algorithm.empty());
}

}  // namespace

void Fuzz(std::string_view input) {
  TOM_FUZZ_CHECK(LuksHeaderBytes(input) <= kMaxLuksBytes);
  Offer(input);
  Offer(Copy(input, false) + Copy(input, true));
  Offer(std::string(kCopyBytes, '\0') + Copy(input, true));
}

}  // namespace tom
