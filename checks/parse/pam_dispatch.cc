#include "checks/parse/pam_dispatch.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>

namespace tom {
namespace {

constexpr size_t kMaxStates = 100000;

struct Impression {
  int sign = 0;  // +1 granted, -1 denied
  int status = kPamPermDenied;

  auto operator<=>(const Impression&) const = default;
};

struct State {
  Impression now;
  PamToken token = PamToken::kNone;
  int previous_level = 0;
  std::array<Impression, kPamMaxSubstacks> saved{};  // at the entry of each substack

  auto operator<=>(const State&) const = default;
};

class Walk {
 public:
  Walk(const std::vector<PamHandler>& stack, const PamModuleRun& run, bool all, bool or_new_token)
      : stack_(stack), run_(run), all_(all), or_new_token_(or_new_token) {}

  // Whether some way succeeds, some fails, and one that succeeds.
  void Run() {
    if (stack_.empty()) {
      fails = true;
      return;
    }
    arrivals_.resize(stack_.size() + 1);
    Arrive(0, State{}, {});
    for (size_t at = 0; at < stack_.size() && !too_many; ++at) {
      for (const auto& [state, origin] : arrivals_[at]) From(at, state);
    }
    for (const auto& [state, origin] : arrivals_.back()) {
      const int status = state.now.status;
      const bool success = state.now.sign > 0 && (status == kPamSuccess ||
                                                  (or_new_token_ && status == kPamNewAuthtokReqd));
      if (success && !succeeds) way = Way(state);
      (success ? succeeds : fails) = true;
    }
  }

  bool succeeds = false;
  bool fails = false;
  bool too_many = false;
  std::vector<PamVerdict::Step> way;

 private:
  struct Origin {
    size_t at = 0;
    State state;
    int code = -1;  // -1: no module was called
    bool first = true;
  };

  void Arrive(size_t at, const State& state, const Origin& origin) {
    if (!arrivals_[at].emplace(state, origin).second) return;
    too_many = too_many || ++states_ > kMaxStates;
  }

  // Over the handlers that a jump or a decision leaves out: the next one to be looked at.
  size_t AfterLevel(size_t at) const {
    const int level = stack_[at].level;
    while (at + 1 < stack_.size() && stack_[at + 1].level >= level) ++at;
    return at + 1;
  }

  // Jumps over `count` modules, substacks being one; false: there are not so many.
  bool Jump(size_t& at, int count) const {
    const int level = stack_[at].level;
    while (at + 1 < stack_.size() && stack_[at + 1].level >= level && count > 0) {
      do {
        ++at;
      } while (at + 1 < stack_.size() && stack_[at + 1].level > level);
      --count;
    }
    ++at;
    return count == 0;
  }

  void From(size_t at, State state) {
    const PamHandler& handler = stack_[at];
    const State before = state;
    const int level = handler.level;
    if (state.previous_level < level) state.saved[static_cast<size_t>(level)] = state.now;
    state.previous_level = level;
    if (handler.kind == PamHandler::Kind::kSubstack)
      return Arrive(at + 1, state, {at, before, -1, false});
    if (handler.kind == PamHandler::Kind::kMustFail)
      return Take(at, before, state, {kPamPermDenied, state.token, true});
    for (const PamOutcome& outcome : run_(at, state.token)) {
      if (outcome.expected || all_) Take(at, before, state, outcome);
    }
  }

  void Take(size_t at, const State& before, State state, const PamOutcome& outcome) {
    state.token = outcome.token;
    const Origin origin{at, before, outcome.code, false};
    const bool valid = outcome.code >= 0 && outcome.code < kPamCodes;
    const int action = valid ? stack_[at].actions[static_cast<size_t>(outcome.code)] : kPamActBad;
    const int code = valid ? outcome.code : kPamPermDenied;
    Impression& now = state.now;
    bool decided = false;
    if (action == kPamActReset) {
      now = state.saved[static_cast<size_t>(stack_[at].level)];
    } else if (action == kPamActOk || action == kPamActDone) {
      if (now.sign == 0 || (now.sign > 0 && now.status == kPamSuccess)) now = {1, code};
      decided = action == kPamActDone && now.sign > 0;
    } else if (action == kPamActBad || action == kPamActDie) {
      if (now.sign >= 0) now = {-1, code == kPamIgnore ? kPamPermDenied : code};
      decided = action == kPamActDie;
    } else if (action > 0) {
      size_t next = at;
      if (!Jump(next, action)) now = {-1, kPamPermDenied};
      return Arrive(next, state, origin);
    }
    Arrive(decided ? AfterLevel(at) : at + 1, state, origin);
  }

  std::vector<PamVerdict::Step> Way(const State& last) const {
    std::vector<PamVerdict::Step> steps;
    size_t at = stack_.size();
    State state = last;
    while (true) {
      const Origin& origin = arrivals_[at].at(state);
      if (origin.first) break;
      if (origin.code >= 0) steps.push_back({origin.at, origin.code});
      at = origin.at;
      state = origin.state;
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  const std::vector<PamHandler>& stack_;
  const PamModuleRun& run_;
  const bool all_;
  const bool or_new_token_;
  std::vector<std::map<State, Origin>> arrivals_;
  size_t states_ = 0;
};

}  // namespace

PamVerdict WalkPamStack(const std::vector<PamHandler>& stack, const PamModuleRun& run,
                        bool or_new_token) {
  PamVerdict verdict;
  Walk expected(stack, run, false, or_new_token);
  expected.Run();
  Walk all(stack, run, true, or_new_token);
  all.Run();
  if (expected.too_many || all.too_many) {
    verdict.answer = PamVerdict::Answer::kMaybe;
  } else if (!all.succeeds) {
    verdict.answer = PamVerdict::Answer::kOut;
  } else {
    verdict.answer =
        expected.succeeds && !expected.fails ? PamVerdict::Answer::kIn : PamVerdict::Answer::kMaybe;
  }
  verdict.way = expected.succeeds ? std::move(expected.way) : std::move(all.way);
  return verdict;
}

}  // namespace tom
