// A report that is accepted is written again as the same bytes, and keeps what one report alone can
// show.
#include "evidence/report.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto report = ParseReport(input);
  if (!report.ok()) return;
  TOM_FUZZ_CHECK(EncodeReport(*report) == input);
  TOM_FUZZ_CHECK(report->prev.has_value() == (report->seq != 0));
  TOM_FUZZ_CHECK(!report->groups.empty());
}
