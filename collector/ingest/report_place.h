// Where a report belongs among the branches of its host.
#ifndef TOM_COLLECTOR_INGEST_REPORT_PLACE_H_
#define TOM_COLLECTOR_INGEST_REPORT_PLACE_H_

#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace tom {

enum class Place { kDuplicate, kExtends, kForks, kStarts, kUnknown };

struct ReportPlace {
  Place place = Place::kUnknown;
  // kExtends: the branch it lengthens. kForks: the branch that has another successor of the same
  // statement; kDuplicate: the branch it is in.
  std::optional<BranchRow> branch;
  std::vector<BranchRow> branches;  // all of the host
};

absl::StatusOr<ReportPlace> FindPlace(const StoreView& view, const Report& report,
                                      const Digest& digest);

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_REPORT_PLACE_H_
