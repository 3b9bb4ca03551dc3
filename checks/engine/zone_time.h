// Dates as people write them: in a profile's or configuration's own time zone.
#ifndef TOM_CHECKS_ENGINE_ZONE_TIME_H_
#define TOM_CHECKS_ENGINE_ZONE_TIME_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

// The start of `YYYY-MM-DD` in the IANA zone, or the moment of a full `YYYY-MM-DDTHH:MM:SSZ`.
absl::StatusOr<UnixSeconds> ParseDateStart(std::string_view text, const std::string& zone);
// The end of that day (interfaces.md: a period ends with its last day), or the full moment.
absl::StatusOr<UnixSeconds> ParseDateEnd(std::string_view text, const std::string& zone);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_ZONE_TIME_H_
