// Starts of files under names that databases have.
#include "checks/parse/database_magic.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  for (const char* name : {"x", "a.ibd", "ibdata1", "people.db"}) {
    const DatabaseFile file =
        TellDatabase(name, input, static_cast<int64_t>(input.size() - input.size() % 512));
    TOM_FUZZ_CHECK(file.kind.empty() == file.detail.empty());
    TOM_FUZZ_CHECK(!file.kind.empty() || !file.encrypted.has_value());
    TOM_FUZZ_CHECK(file.encrypted != std::optional<bool>(true) || file.kind == "innodb");
  }
}

}  // namespace tom
