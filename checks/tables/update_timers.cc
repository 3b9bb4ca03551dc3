#include "checks/tables/update_timers.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/tables/unit_conditions.h"

namespace tom {
namespace {

// Settings that leave what is done, and when, as it is.
constexpr std::string_view kPlainOfTimers[] = {
    "OnCalendar",      "OnBootSec",         "OnStartupSec",  "OnActiveSec",
    "OnUnitActiveSec", "AccuracySec",       "Persistent",    "FixedRandomDelay",
    "WakeSystem",      "RemainAfterElapse", "OnClockChange", "OnTimezoneChange"};
constexpr std::string_view kPlainOfServices[] = {"Type",
                                                 "ExecStart",
                                                 "KillMode",
                                                 "TimeoutStopSec",
                                                 "Nice",
                                                 "CPUWeight",
                                                 "IOSchedulingClass",
                                                 "IOSchedulingPriority",
                                                 "CPUSchedulingPolicy",
                                                 "IOWeight",
                                                 "CPUQuota",
                                                 "SyslogIdentifier",
                                                 "StandardOutput",
                                                 "StandardError",
                                                 "OOMScoreAdjust"};

template <size_t kCount>
bool IsIn(const std::string_view (&all)[kCount], std::string_view one) {
  return std::find(std::begin(all), std::end(all), one) != std::end(all);
}

// "60m", "12h", "1d", "90": a time span of one number, in seconds.
std::optional<int64_t> Span(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 9) return std::nullopt;
  const int64_t number = std::stoll(std::string(text.substr(0, digits)));
  std::string_view unit = text.substr(digits);
  while (!unit.empty() && unit[0] == ' ') unit.remove_prefix(1);
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), unit) != names.end();
  };
  if (is({"", "s", "sec", "second", "seconds"})) return number;
  if (is({"m", "min", "minute", "minutes"})) return number * 60;
  if (is({"h", "hr", "hour", "hours"})) return number * 3600;
  if (is({"d", "day", "days"})) return number * 86400;
  return std::nullopt;
}

// Every day, whatever the hour: "daily", "6,18:00", "*-*-* 6:00".
bool IsDaily(std::string_view text) {
  if (text == "daily" || text == "hourly" || text == "minutely") return true;
  if (text.starts_with("*-*-* ")) text.remove_prefix(6);
  if (text.find(':') == std::string_view::npos) return text == "*-*-*";
  const size_t hour = text.find_first_not_of("0123456789");
  return (hour > 0 || text[0] == '*') &&
         text.find_first_not_of("0123456789:,/*.") == std::string_view::npos;
}

class Judge {
 public:
  Judge(Env& env, UnitFiles& units, std::string name, std::string work)
      : env_(env), units_(units), name_(std::move(name)), work_(std::move(work)) {}

  TimerVerdict Run() {
    const Unit timer = units_.Find(name_ + ".timer");
    const Unit service = units_.Find(name_ + ".service");
    for (const Unit* unit : {&timer, &service}) {
      if (!unit->problem.empty()) Doubt(unit->problem);
    }
    Timer(timer);
    Service(service);
    TimerVerdict verdict;
    if (!wrong_.empty()) return {false, wrong_};
    if (!doubt_.empty()) return {std::nullopt, doubt_};
    return {true, ""};
  }

 private:
  void Wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }
  void Doubt(std::string what) {
    if (doubt_.empty()) doubt_ = std::move(what);
  }
  std::string Named(const char* end, std::string_view what) const {
    return std::string(name_).append(end).append(what);
  }

  void Timer(const Unit& timer) {
    const auto starts = units_.Starts(timer);
    const auto calendar = timer.content.Values("Timer", "OnCalendar");
    const auto since = timer.content.Values("Timer", "OnUnitActiveSec");
    if ((starts && !*starts) || (calendar.empty() && since.empty())) {
      Wrong(Named(".timer", " does not run"));
    }
    if (!starts) Doubt(Named(".timer", ": whether it starts is not known"));
    const std::string unit = timer.content.Value("Timer", "Unit");
    if (!unit.empty() && unit != name_ + ".service") Wrong(Named(".timer", " starts ") + unit);
    const bool daily = std::any_of(calendar.begin(), calendar.end(), IsDaily);
    const bool first = !timer.content.Value("Timer", "OnBootSec").empty() ||
                       !timer.content.Value("Timer", "OnStartupSec").empty() ||
                       !timer.content.Value("Timer", "OnActiveSec").empty();
    const bool often = first && std::any_of(since.begin(), since.end(), [](const auto& span) {
                         return Span(span).value_or(INT64_MAX) <= 86400;
                       });
    if (!daily && !often) Doubt(Named(".timer", ": whether it elapses every day is not known"));
    for (const UnitSetting& one : timer.content.settings()) {
      if (one.section != "Timer" || one.value.empty() || one.key == "Unit") continue;
      const bool delay =
          one.key == "RandomizedDelaySec" && Span(one.value).value_or(INT64_MAX) <= 86400;
      if (!delay && !IsIn(kPlainOfTimers, one.key)) Doubt(Named(".timer", " sets ") + one.key);
    }
  }

  void Service(const Unit& service) {
    if (service.path.empty() || service.masked) return Wrong(Named(".timer", " does not run"));
    const auto conditions = ConditionsHold(env_, service.content);
    if (conditions && !*conditions) Wrong(Named(".service", ": a condition of its does not hold"));
    if (!conditions) Doubt(Named(".service", ": whether its conditions hold is not known"));
    const auto commands = service.content.Values("Service", "ExecStart");
    const bool own = std::any_of(commands.begin(), commands.end(),
                                 [this](const std::string& command) { return IsOwn(command); });
    if (!own) Wrong(Named(".service", " does not run apt.systemd.daily ") + work_);
    if (commands.size() > 1) Doubt(Named(".service", " runs other programs too"));
    for (const UnitSetting& one : service.content.settings()) {
      if (one.section != "Service" || one.value.empty()) continue;
      const bool waits = one.key == "ExecStartPre" &&
                         one.value.starts_with("-/usr/lib/apt/apt-helper wait-online");
      if (!waits && !IsIn(kPlainOfServices, one.key)) Doubt(Named(".service", " sets ") + one.key);
    }
  }

  // Without a word it does both.
  bool IsOwn(std::string_view command) const {
    command.remove_prefix(std::min(command.find_first_not_of("-@:+!"), command.size()));
    const auto words = WordsOf(command);
    if (words.empty() || words[0] != kAptDaily) return false;
    return words.size() == 1 || (words.size() == 2 && words[1] == work_);
  }

  Env& env_;
  UnitFiles& units_;
  std::string name_;
  std::string work_;
  std::string wrong_;
  std::string doubt_;
};

}  // namespace

TimerVerdict JudgeUpdateTimer(Env& env, UnitFiles& units, const std::string& name,
                              const std::string& work) {
  return Judge(env, units, name, work).Run();
}

}  // namespace tom
