// datadog.yaml of any shape: plain is never called verified.
#include "checks/tables/datadog_transport.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto root = ParseYaml(input, "f");
  if (!root.ok()) return;
  const DatadogTransport transport = ReadDatadogTransport(*root, {});
  if (transport.encrypted == std::optional<bool>(false)) {
    TOM_FUZZ_CHECK(!transport.verified.value_or(false));
  }
}

}  // namespace tom
