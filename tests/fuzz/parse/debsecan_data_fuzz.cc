#include "checks/parse/debsecan_data.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  DebsecanReader reader([](std::string_view name) { return !name.starts_with("z"); });
  for (size_t at = 0; at < input.size(); at += 50) {
    if (!reader.Take(input.substr(at, 50)).ok()) return;
  }
  const auto data = reader.Finish();
  if (!data.ok()) return;
  size_t kept = 0;
  for (const auto& [name, all] : data->vulnerabilities) {
    TOM_FUZZ_CHECK(!name.empty() && !name.starts_with("z"));
    for (const DebsecanVulnerability& one : all) {
      ++kept;
      TOM_FUZZ_CHECK(one.package == name && !one.bug.empty());
      // Who has a fixed version is not vulnerable.
      const std::string fixed = one.others.empty() ? one.unstable : one.others.front();
      const DebsecanPackage package{"", "", name, fixed};
      TOM_FUZZ_CHECK(fixed.empty() || !IsVulnerable(one, package));
    }
  }
  TOM_FUZZ_CHECK(kept + data->bad_lines <= data->entries + data->bugs + data->sources);
}

}  // namespace tom
