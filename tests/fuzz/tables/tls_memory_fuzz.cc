// What an earlier look left: whatever is taken up again is what would be written again.
#include "checks/tables/tls_memory.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto memory = ParseTlsMemory(input);
  if (!memory) return;
  TOM_FUZZ_CHECK(EncodeTlsMemory(*memory) == input);
  const TlsHold hold =
      StillHolds(*memory, memory->fingerprint, true, true, memory->asked_at + 30 * 86400);
  TOM_FUZZ_CHECK(hold == TlsHold::kAskAgain || memory->confirmed_at > memory->asked_at);
  static_cast<void>(Confirms(memory->findings, memory->findings));
}
