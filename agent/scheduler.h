// When each group is due: pure arithmetic over the last looks, so that it is tested without
// waiting.
#ifndef TOM_AGENT_SCHEDULER_H_
#define TOM_AGENT_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace tom {

// Milliseconds of some clock that never goes back.
using Millis = int64_t;

// Intervals are divided by `clock_scale` (tests). Each look is delayed by a random share of a tenth
// of its interval, so that hosts that started together part; the delay never adds up, for it counts
// from the look before.
class Schedule {
 public:
  // `random` gives a number in [0, 1).
  Schedule(double clock_scale, std::function<double()> random);

  // `interval` was looked at `ago` milliseconds before `now`.
  void Looked(const std::string& interval, Millis now, Millis ago = 0);
  // Every known group is due at once.
  void DueNow(Millis now);
  // Groups due at `now`; empty when none is.
  std::set<std::string> Due(Millis now) const;
  // How long until the next one is due; at most a minute, so that a clock that jumps is noticed.
  Millis UntilNext(Millis now) const;

 private:
  double clock_scale_;
  std::function<double()> random_;
  std::map<std::string, Millis> due_at_;
};

// Exponential back-off with full jitter between 5 s and 15 min, scaled as intervals are.
class Backoff {
 public:
  Backoff(double clock_scale, std::function<double()> random);
  Millis Next();
  void Reset() { failures_ = 0; }

 private:
  double clock_scale_;
  std::function<double()> random_;
  int failures_ = 0;
};

}  // namespace tom

#endif  // TOM_AGENT_SCHEDULER_H_
