// Times of the records: UTC seconds, written `YYYY-MM-DDTHH:MM:SSZ` and nothing else.
#ifndef TOM_EVIDENCE_UTC_TIME_H_
#define TOM_EVIDENCE_UTC_TIME_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tom {

// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
using UnixSeconds = int64_t;

inline constexpr int64_t kMinute = 60;
inline constexpr int64_t kHour = 60 * kMinute;
inline constexpr int64_t kDay = 24 * kHour;

// The years 1970 to 9999; other values are clamped to the nearer end.
std::string FormatUtc(UnixSeconds seconds);
// Exactly 20 characters, a date that exists, no leap second.
absl::StatusOr<UnixSeconds> ParseUtc(std::string_view text);

// A duration such as 90s, 26h, 31d, 2w; plain digits are refused, for their unit would be a guess.
absl::StatusOr<int64_t> ParseDurationSeconds(std::string_view text);

}  // namespace tom

#endif  // TOM_EVIDENCE_UTC_TIME_H_
