// apt's own timers, apt-daily and apt-daily-upgrade: whether each really starts apt.systemd.daily
// every day, with nothing in a drop-in that keeps it from its work.
#ifndef TOM_CHECKS_TABLES_UPDATE_TIMERS_H_
#define TOM_CHECKS_TABLES_UPDATE_TIMERS_H_

#include <optional>
#include <string>

#include "checks/tables/unit_files.h"

namespace tom {

inline constexpr char kAptDaily[] = "/usr/lib/apt/apt.systemd.daily";

struct TimerVerdict {
  std::optional<bool> runs;
  std::string why;  // where it does not, or that is not known
};

// `name` without ".timer"; `work` is what apt.systemd.daily is told: "update" or "install".
TimerVerdict JudgeUpdateTimer(Env& env, UnitFiles& units, const std::string& name,
                              const std::string& work);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_UPDATE_TIMERS_H_
