// Sets of seconds as sorted, disjoint, half-open intervals: what coverage is computed with.
#ifndef TOM_EVIDENCE_TIME_SET_H_
#define TOM_EVIDENCE_TIME_SET_H_

#include <limits>
#include <vector>

#include "evidence/utc_time.h"

namespace tom {

inline constexpr UnixSeconds kForever = std::numeric_limits<UnixSeconds>::max();

// [from, to); empty when to <= from.
struct TimeSpan {
  UnixSeconds from = 0;
  UnixSeconds to = 0;
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

class TimeSet {
 public:
  TimeSet() = default;
  explicit TimeSet(TimeSpan span) { Add(span); }
  // Amortised O(1) for spans that arrive in order, O(n) otherwise.
  void Add(TimeSpan span);
  bool Empty() const { return spans_.empty(); }
  bool Contains(UnixSeconds time) const;
  int64_t Seconds() const;
  const std::vector<TimeSpan>& spans() const { return spans_; }

  // All linear in the number of spans.
  TimeSet Union(const TimeSet& other) const;
  TimeSet Intersect(const TimeSet& other) const;
  TimeSet Subtract(const TimeSet& other) const;
  friend bool operator==(const TimeSet&, const TimeSet&) = default;

 private:
  std::vector<TimeSpan> spans_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_TIME_SET_H_
