#include "collector/ingest/report_ingest.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {

absl::Status SpendBudget(LedgerWriter& ledger, const HostRow& host, int64_t bytes,
                         int64_t subjects) {
  const int64_t day = ledger.received_at() / kDay;
  TOM_ASSIGN_OR_RETURN(BudgetRow budget, ledger.store().Budget(host.id, day));
  budget.bytes += bytes;
  budget.subjects += subjects;
  if (budget.bytes > static_cast<int64_t>(limits::kMaxHostBytesPerDay)) {
    return absl::ResourceExhaustedError("budget: over 20 MiB from this host today");
  }
  if (budget.subjects > static_cast<int64_t>(limits::kMaxNewSubjectsPerDay)) {
    return absl::ResourceExhaustedError("budget: over 2000 new subjects from this host today");
  }
  return ledger.store().PutBudget(budget);
}

}  // namespace tom
