// Moments as data keeps them: ISO 8601 dates and times with or without a zone, and numbers since
// 1970. Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_DATA_TIME_H_
#define TOM_CHECKS_PARSE_DATA_TIME_H_

#include <optional>
#include <string_view>

#include "evidence/utc_time.h"

namespace tom {

// 2024-03-01, 2024-03-01 12:00[:00[.123]][Z|+01|+0100|+01:00], with T or a blank between; or a
// count of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by its size
// (from 1973 on). Without a zone it is UTC. Nothing: anything else, and years before 1970.
std::optional<UnixSeconds> ParseDataTime(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DATA_TIME_H_
