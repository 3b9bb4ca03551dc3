#include "agent/scheduler.h"

#include <algorithm>
#include <utility>

#include "evidence/row.h"

namespace tom {
namespace {

constexpr Millis kLongestSleep = 60'000;
constexpr double kSplayShare = 0.1;
constexpr double kLeastBackoff = 5'000;
constexpr double kMostBackoff = 900'000;

}  // namespace

Schedule::Schedule(double clock_scale, std::function<double()> random)
    : clock_scale_(clock_scale), random_(std::move(random)) {}

void Schedule::Looked(const std::string& interval, Millis now, Millis ago) {
  const absl::StatusOr<int64_t> seconds = IntervalSeconds(interval);
  if (!seconds.ok()) return;
  const double length = static_cast<double>(*seconds) * 1000 / clock_scale_;
  const double wait = length * (1 + kSplayShare * random_()) - static_cast<double>(ago);
  due_at_[interval] = now + static_cast<Millis>(std::clamp(wait, 0.0, length * (1 + kSplayShare)));
}

void Schedule::DueNow(Millis now) {
  for (auto& [interval, at] : due_at_) at = now;
}

std::set<std::string> Schedule::Due(Millis now) const {
  std::set<std::string> due;
  for (const auto& [interval, at] : due_at_) {
    if (at <= now) due.insert(interval);
  }
  return due;
}

Millis Schedule::UntilNext(Millis now) const {
  Millis wait = kLongestSleep;
  for (const auto& [interval, at] : due_at_) wait = std::min(wait, std::max<Millis>(at - now, 0));
  return wait;
}

Backoff::Backoff(double clock_scale, std::function<double()> random)
    : clock_scale_(clock_scale), random_(std::move(random)) {}

Millis Backoff::Next() {
  constexpr int kDoublings = 10;
  const double ceiling = std::min(
      kMostBackoff, kLeastBackoff * static_cast<double>(1 << std::min(failures_, kDoublings)));
  ++failures_;
  return static_cast<Millis>((kLeastBackoff + (ceiling - kLeastBackoff) * random_()) /
                             clock_scale_);
}

}  // namespace tom
