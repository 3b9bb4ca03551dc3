// Whatever the bytes: entries or an error, and no entry without a moment after 1970.
#include "checks/parse/datadog_registry.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto times = ParseDatadogRegistry(input);
  if (!times.ok()) return;
  for (const auto& [name, time] : *times) TOM_FUZZ_CHECK(time >= 0);
}
