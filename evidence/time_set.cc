#include "evidence/time_set.h"

#include <algorithm>

namespace tom {

void TimeSet::Add(TimeSpan span) {
  if (span.to <= span.from) return;
  if (spans_.empty() || spans_.back().to < span.from) {
    spans_.push_back(span);
    return;
  }
  // The first span that touches or follows the new one; all that touch it melt into it.
  const auto first =
      std::lower_bound(spans_.begin(), spans_.end(), span.from,
                       [](const TimeSpan& known, UnixSeconds from) { return known.to < from; });
  auto last = first;
  for (; last != spans_.end() && last->from <= span.to; ++last) {
    span.from = std::min(span.from, last->from);
    span.to = std::max(span.to, last->to);
  }
  if (first == last) {
    spans_.insert(first, span);
    return;
  }
  *first = span;
  spans_.erase(first + 1, last);
}

bool TimeSet::Contains(UnixSeconds time) const {
  const auto after = std::upper_bound(
      spans_.begin(), spans_.end(), time,
      [](UnixSeconds wanted, const TimeSpan& known) { return wanted < known.from; });
  return after != spans_.begin() && time < (after - 1)->to;
}

int64_t TimeSet::Seconds() const {
  int64_t seconds = 0;
  for (const TimeSpan& span : spans_) seconds += span.to - span.from;
  return seconds;
}

TimeSet TimeSet::Union(const TimeSet& other) const {
  std::vector<TimeSpan> all;
  all.reserve(spans_.size() + other.spans_.size());
  std::merge(spans_.begin(), spans_.end(), other.spans_.begin(), other.spans_.end(),
             std::back_inserter(all),
             [](const TimeSpan& a, const TimeSpan& b) { return a.from < b.from; });
  TimeSet result;
  for (const TimeSpan& span : all) result.Add(span);
  return result;
}

TimeSet TimeSet::Intersect(const TimeSet& other) const {
  TimeSet result;
  auto a = spans_.begin();
  auto b = other.spans_.begin();
  while (a != spans_.end() && b != other.spans_.end()) {
    result.Add({std::max(a->from, b->from), std::min(a->to, b->to)});
    if (a->to < b->to) {
      ++a;
    } else {
      ++b;
    }
  }
  return result;
}

TimeSet TimeSet::Subtract(const TimeSet& other) const {
  TimeSet result;
  auto cut = other.spans_.begin();
  for (TimeSpan span : spans_) {
    while (cut != other.spans_.end() && cut->to <= span.from) ++cut;
    for (auto next = cut; next != other.spans_.end() && next->from < span.to; ++next) {
      result.Add({span.from, std::min(next->from, span.to)});
      span.from = std::max(span.from, next->to);
    }
    result.Add(span);
  }
  return result;
}

}  // namespace tom
