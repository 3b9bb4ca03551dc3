#include "checks/parse/sysctl_config.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  SysctlSettings settings;
  settings.Read(input, "f");
  TOM_FUZZ_CHECK(settings.options().size() <= SysctlSettings::kMaxOptions);
  for (const auto& [path, option] : settings.options()) {
    TOM_FUZZ_CHECK(path == option.path);
    TOM_FUZZ_CHECK(!option.path.empty() && option.path.front() != '/' && option.line > 0);
    TOM_FUZZ_CHECK(SysctlPath("/" + option.path) == option.path);
    const SysctlOption* decides = settings.For(option.path);
    TOM_FUZZ_CHECK(decides == (option.value ? &option : nullptr));
    if (option.value) SysctlNumber(*option.value);
  }
}

}  // namespace tom
