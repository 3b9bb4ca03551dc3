// Records of restore drills: what is accepted is what would be written, and no counts that do not
// bear a result out.
#include "checks/parse/drill_record.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto record = ParseDrillRecord(input);
  if (!record.ok()) return;
  TOM_FUZZ_CHECK(EncodeDrillRecord(*record) == input);
  if (record->result != DrillResult::kSound) return;
  TOM_FUZZ_CHECK(record->chosen > 0 && record->restored == record->chosen);
  TOM_FUZZ_CHECK(record->different == 0 && record->bytes > 0);
  TOM_FUZZ_CHECK(record->equal + record->verified > 0);
}

}  // namespace tom
