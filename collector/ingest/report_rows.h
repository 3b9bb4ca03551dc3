// Writes what an accepted report changes: leaf, report, branch, presence, anchored time and verdict
// intervals.
#ifndef TOM_COLLECTOR_INGEST_REPORT_ROWS_H_
#define TOM_COLLECTOR_INGEST_REPORT_ROWS_H_

#include <string>

#include "collector/ingest/report_place.h"
#include "collector/ledger/sequencer.h"
#include "evidence/replay.h"

namespace tom {

struct AcceptedReport {
  const HostRow* host = nullptr;
  const ReportPlace* place = nullptr;
  const Report* report = nullptr;
  const Branch* before = nullptr;  // null: a chain's first
  const ReplayStep* step = nullptr;
  std::string payload;
  std::string signature;
  Digest digest;
};

absl::Status WriteReport(LedgerWriter& ledger, const AcceptedReport& accepted);

// In report_intervals.cc: the verdict intervals alone. `branch` is the one the report is now in;
// `leaf` its leaf.
absl::Status WriteIntervals(StoreTransaction& store, const AcceptedReport& accepted,
                            const BranchRow& branch, uint64_t leaf);

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_REPORT_ROWS_H_
