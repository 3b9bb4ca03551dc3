#include "agent/resident.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <set>

#include "agent/child.h"
#include "agent/cycle.h"
#include "agent/exit_code.h"
#include "agent/scheduler.h"
#include "agent/spool_log.h"
#include "agent/state.h"
#include "agent/state_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxHintBytes = 16 << 10;
constexpr int kStopSeconds = 10;
constexpr int kCyclePatience = 60;
constexpr Millis kMostStartSplay = 30'000;

Millis Now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double RandomShare() {
  const std::string bytes = RandomBytes(2);
  return (static_cast<uint8_t>(bytes[0]) * 256 + static_cast<uint8_t>(bytes[1])) / 65536.0;
}

void Log(const std::string& line) {
  std::cerr << FormatUtc(std::time(nullptr)) << " tom-agent: " << line << std::endl;
}

class Resident {
 public:
  Resident(const ResidentOptions& options, StateDir state, OwnedFd signals)
      : options_(options),
        state_(std::move(state)),
        signals_(std::move(signals)),
        schedule_(options.clock_scale, RandomShare),
        backoff_(options.clock_scale, RandomShare) {}

  int Run();

 private:
  CycleHint Hint() const;
  void TakeHint(const std::set<std::string>& tried);
  std::vector<std::string> Arguments(const std::set<std::string>& groups) const;
  // False when it is time to stop.
  bool Sleep(Millis wait);
  bool RunCycle(const std::set<std::string>& groups);
  // The child's exit code; -1 when it is time to stop.
  int WatchChild(pid_t child);
  void StopChild(pid_t child);

  const ResidentOptions& options_;
  StateDir state_;
  OwnedFd signals_;
  Schedule schedule_;
  Backoff backoff_;
  bool every_group_ = true;
  Millis again_at_ = 0;  // a cycle failed: not before this
};

CycleHint Resident::Hint() const {
  const absl::StatusOr<std::string> bytes = ReadStateFile(state_.File("hint.json"), kMaxHintBytes);
  return bytes.ok() ? ParseHint(*bytes) : CycleHint();
}

// What was tried counts as looked at even where it failed: it is the back-off that brings it again.
void Resident::TakeHint(const std::set<std::string>& tried) {
  const CycleHint hint = Hint();
  every_group_ = hint.every_group || hint.looks.empty();
  const UnixSeconds wall = std::time(nullptr);
  for (const auto& [interval, at] : hint.looks) {
    const Millis ago = tried.contains(interval) ? 0 : std::max<Millis>(wall - at, 0) * 1000;
    schedule_.Looked(interval, Now(), ago);
  }
}

std::vector<std::string> Resident::Arguments(const std::set<std::string>& groups) const {
  std::vector<std::string> arguments = {
      "report",       "--state",       state_.path(),
      "--config",     options_.config, "--format",
      "json",         "--patience",    std::to_string(kCyclePatience),
      "--anchor-age", "3600"};
  std::string list;
  for (const std::string& group : groups) list += (list.empty() ? "" : ",") + group;
  if (!list.empty()) arguments.insert(arguments.end(), {"--groups", list});
  return arguments;
}

bool Resident::Sleep(Millis wait) {
  pollfd signals{signals_.get(), POLLIN, 0};
  return poll(&signals, 1, static_cast<int>(std::clamp<Millis>(wait, 0, 60'000))) == 0;
}

void Resident::StopChild(pid_t child) {
  kill(-child, SIGTERM);
  const Millis until = Now() + kStopSeconds * 1000;
  while (Now() < until) {
    if (waitpid(child, nullptr, WNOHANG) == child) return;
    poll(nullptr, 0, 20);
  }
  kill(-child, SIGKILL);
  waitpid(child, nullptr, 0);
}

int Resident::WatchChild(pid_t child) {
  const Millis until = Now() + Millis{options_.child_seconds} * 1000;
  while (Now() < until) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (!Sleep(100)) {
      StopChild(child);
      return -1;
    }
  }
  StopChild(child);
  Log("the cycle did not end in " + std::to_string(options_.child_seconds) + " s and was ended");
  return kExitFailed;
}

bool Resident::RunCycle(const std::set<std::string>& groups) {
  const absl::StatusOr<pid_t> child = StartChild(Arguments(groups));
  int code = kExitFailed;
  if (child.ok()) {
    code = WatchChild(*child);
  } else {
    Log(std::string(child.status().message()));
  }
  if (code < 0) return false;
  TakeHint(groups);
  if (code == kExitAllPass) {
    backoff_.Reset();
    again_at_ = 0;
    return true;
  }
  const Millis wait = backoff_.Next();
  again_at_ = Now() + wait;
  Log("the cycle ended with " + std::to_string(code) + "; again in " + std::to_string(wait / 1000) +
      " s at the earliest");
  return true;
}

int Resident::Run() {
  TakeHint({});
  Log("started");
  bool go_on = true;
  if (every_group_)
    go_on = Sleep(static_cast<Millis>(static_cast<double>(kMostStartSplay) * RandomShare() /
                                      options_.clock_scale));
  while (go_on) {
    const Millis now = Now();
    const std::set<std::string> due = schedule_.Due(now);
    if (now < again_at_) {
      go_on = Sleep(again_at_ - now);
    } else if (every_group_ || again_at_ != 0) {
      go_on = RunCycle(every_group_ ? std::set<std::string>() : due);
    } else if (!due.empty()) {
      go_on = RunCycle(due);
    } else {
      go_on = Sleep(schedule_.UntilNext(now));
    }
  }
  Log("stopped");
  return kExitAllPass;
}

absl::StatusOr<OwnedFd> BlockSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  if (sigprocmask(SIG_BLOCK, &stop, nullptr) != 0) return FileError("signals", "cannot block");
  OwnedFd fd(signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.ok()) return FileError("signals", "cannot watch");
  return fd;
}

}  // namespace

int RunResident(const ResidentOptions& options) {
  const absl::StatusOr<StateDir> state = StateDir::Open(options.state, false);
  if (!state.ok()) return ReportError(state.status());
  const absl::StatusOr<EnrolmentFacts> facts = LoadEnrolmentFacts(*state);
  if (!facts.ok()) return ReportError(facts.status(), kExitConfiguration);
  const absl::StatusOr<OwnedFd> only = TakeLock(state->File("run.lock"), 0);
  if (!only.ok()) return ReportError(only.status(), kExitUnavailable);
  absl::StatusOr<OwnedFd> signals = BlockSignals();
  if (!signals.ok()) return ReportError(signals.status());
  return Resident(options, *state, *std::move(signals)).Run();
}

}  // namespace tom
