#include <string>

#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct VerdictRow {
  Verdict verdict;
  std::string_view name;
};

// The names are in signed bytes: never rename one.
constexpr std::array<VerdictRow, 4> kVerdicts = {{{Verdict::kNotApplicable, "not_applicable"},
                                                  {Verdict::kPass, "pass"},
                                                  {Verdict::kUnknown, "unknown"},
                                                  {Verdict::kFail, "fail"}}};

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  for (const VerdictRow& row : kVerdicts) {
    if (row.verdict == verdict) return row.name;
  }
  return "unknown";  // a value outside the enum must never read as anything better
}

absl::StatusOr<Verdict> VerdictFromName(std::string_view name) {
  for (const VerdictRow& row : kVerdicts) {
    if (row.name == name) return row.verdict;
  }
  return BadData("a verdict is pass, fail, unknown or not_applicable");
}

absl::StatusOr<int64_t> IntervalSeconds(std::string_view interval) {
  for (const std::string_view known : kIntervals) {
    if (known == interval) return ParseDurationSeconds(known);
  }
  return BadData("an interval is 5m, 15m, 1h, 6h, 24h or 7d");
}

}  // namespace tom
