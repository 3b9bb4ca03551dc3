// The collector's clock, so that tests can set it.
#ifndef TOM_COLLECTOR_LEDGER_CLOCK_H_
#define TOM_COLLECTOR_LEDGER_CLOCK_H_

#include <atomic>
#include <ctime>
#include <functional>

#include "evidence/utc_time.h"

namespace tom {

using Clock = std::function<UnixSeconds()>;

inline Clock SystemClock() {
  return [] { return static_cast<UnixSeconds>(std::time(nullptr)); };
}

// A clock that stands until it is moved. Must outlive what Get() gave.
class FakeClock {
 public:
  explicit FakeClock(UnixSeconds now) : now_(now) {}
  Clock Get() {
    return [this] { return now_.load(); };
  }
  void Advance(int64_t seconds) { now_ += seconds; }
  void Set(UnixSeconds now) { now_ = now; }

 private:
  std::atomic<UnixSeconds> now_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_CLOCK_H_
