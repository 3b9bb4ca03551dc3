// The bounds of records.md, in one place for agent, collector and verifier.
#ifndef TOM_EVIDENCE_LIMITS_H_
#define TOM_EVIDENCE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace tom::limits {

inline constexpr size_t kMaxStringBytes = 4 << 10;
inline constexpr size_t kMaxRowBytes = 32 << 10;
inline constexpr size_t kMaxRowsPerCheck = 1000;
inline constexpr size_t kMaxReportBytes = 1 << 20;  // and one blob of a submission
inline constexpr size_t kMaxStatementBytes =
    8 << 20;  // of any kind; an inventory may list many systems
inline constexpr size_t kMaxReportsInFlight = 32;
inline constexpr size_t kMaxHeadsInReport = 8000;  // above: changed_blob
inline constexpr size_t kMaxHostBytesPerDay = 20 << 20;
inline constexpr size_t kMaxNewSubjectsPerDay = 2000;
inline constexpr size_t kMaxReplyBytes = 1 << 20;
inline constexpr size_t kMaxCatalogueBytes = 8 << 20;
inline constexpr int64_t kMaxRetryAfterSeconds = 3600;
inline constexpr int64_t kHeldSeconds = 600;  // out of order: held before it is called a gap
inline constexpr int64_t kClockSlackSeconds =
    300;  // received_at < observed_at - 5 min: the host's clock is ahead
inline constexpr int64_t kStampEverySeconds = 8 * 3600;
inline constexpr int64_t kStampAfterScopeSeconds = 300;
inline constexpr int64_t kDefaultAnchorMaxSeconds = 48 * 3600;
inline constexpr size_t kMaxJsonDepth = 32;

}  // namespace tom::limits

#endif  // TOM_EVIDENCE_LIMITS_H_
