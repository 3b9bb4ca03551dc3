#include "checks/parse/kernel_modules.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  for (const LoadedModule& module : ParseProcModules(input).modules) {
    TOM_FUZZ_CHECK(!module.name.empty());
  }
  for (const ModuleRule& rule : ParseModprobe(input)) {
    TOM_FUZZ_CHECK(!rule.module.empty() && rule.module.find('-') == std::string::npos);
    InstallsNothing(rule.command);
  }
  const size_t end = input.find('\n');
  ListsModule(input, input.substr(0, end));
}

}  // namespace tom
