// Whatever the bytes: the probe ends, reads nothing behind the end, and says why where it knows
// nothing.
#include "checks/parse/archive_probe.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const ByteSource read = [input](uint64_t offset, size_t bytes) -> absl::StatusOr<std::string> {
    return offset >= input.size() ? std::string() : std::string(input.substr(offset, bytes));
  };
  const auto probe = ProbeArchive(read, input.size());
  TOM_FUZZ_CHECK(probe.ok());
  TOM_FUZZ_CHECK(!probe->format.empty());
  TOM_FUZZ_CHECK(probe->complete.has_value() || !probe->doubt.empty());
}
