#include "checks/parse/crontab_lines.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  for (const bool system : {false, true}) {
    const CronTable table = ParseCrontab(input, system);
    for (const CronEntry& entry : table.entries) {
      TOM_FUZZ_CHECK(!entry.command.empty() && (!entry.event.empty() || !entry.minute.empty()));
      for (const std::string& program : CronPrograms(entry.command)) {
        TOM_FUZZ_CHECK(program.size() > 1 && program[0] == '/');
      }
    }
  }
}

}  // namespace tom
