#include <algorithm>

#include "evidence/limits.h"
#include "evidence/replay.h"

namespace tom {
namespace {

bool Inside(UnixSeconds time, const TimeFacts& facts) {
  if (facts.not_before && time < *facts.not_before) return false;
  return !facts.not_after || time <= *facts.not_after;
}

bool IsAnchored(const TimeFacts& facts, int64_t anchor_max_seconds) {
  if (!facts.not_before || !facts.not_after || *facts.not_after < *facts.not_before) return false;
  return *facts.not_after - *facts.not_before <= anchor_max_seconds;
}

}  // namespace

CountedTime CountTime(UnixSeconds observed_at, UnixSeconds previous, const TimeFacts& facts,
                      int64_t anchor_max_seconds) {
  const bool clock_ahead =
      facts.received_at && *facts.received_at < observed_at - limits::kClockSlackSeconds;
  CountedTime counted;
  counted.time = clock_ahead ? std::max(*facts.received_at, previous) : observed_at;
  counted.covers = counted.time >= previous && Inside(counted.time, facts);
  if (!counted.covers) counted.time = std::max(previous, facts.not_before.value_or(previous));
  counted.anchored = counted.covers && IsAnchored(facts, anchor_max_seconds);
  return counted;
}

void CountStep(const Branch* before, UnixSeconds observed_at, const TimeFacts& facts,
               int64_t anchor_max_seconds, ReplayStep& step) {
  const UnixSeconds previous = before == nullptr ? 0 : before->counted;
  step.counted = CountTime(observed_at, previous, facts, anchor_max_seconds);
  step.branch.counted = step.counted.time;
  step.branch.looks = before == nullptr ? std::map<std::string, UnixSeconds>() : before->looks;
  if (!step.counted.covers) return;
  for (const std::string& interval : step.looked) step.branch.looks[interval] = step.counted.time;
}

}  // namespace tom
