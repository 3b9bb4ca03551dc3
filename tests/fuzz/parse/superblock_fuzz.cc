// Starts of block devices, the input at each place where a signature can stand.
#include "checks/parse/superblock.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Offer(std::string_view start) {
  const Superblock found = ParseSuperblock(start);
  TOM_FUZZ_CHECK(!found.type.empty() || (found.uuid.empty() && found.label.empty()));
  TOM_FUZZ_CHECK(found.uuid.size() <= 64 && found.label.size() <= 256);
  for (const char c : found.label) TOM_FUZZ_CHECK(c >= 0x20 && c <= 0x7e);
}

}  // namespace

void Fuzz(std::string_view input) {
  Offer(input);
  for (const size_t at : {512, 1024, 4086, 4096, 32769, 65536}) {
    std::string start(at, '\0');
    start.append(input.substr(0, kSuperblockBytes));
    Offer(start);
  }
  TOM_FUZZ_CHECK(!IsZfsLabel(input) || input.size() >= 8);
}

}  // namespace tom
