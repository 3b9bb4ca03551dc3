// What an earlier look left: whatever is taken up again is what would be written again.
#include "checks/tables/tls_memory.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto memory = ParseTlsMemory(input);
  if (!memory) return;
  TOM_FUZZ_CHECK(EncodeTlsMemory(*memory) == input);
  static_cast<void>(StillHolds(*memory, memory->fingerprint, true, memory->asked_at));
}
