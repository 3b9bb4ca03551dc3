#include "checks/tables/pam_ways.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace tom {
namespace {

constexpr size_t kMaxTrials = 512;

using Answer = PamVerdict::Answer;
using Proofs = std::set<std::string>;

std::string Place(const PamHandler& handler) {
  return absl::StrCat(handler.file, " line ", handler.line.number);
}

// Modules that can demand more than a password.
bool AsksForMore(const PamHandler& handler) {
  const std::string& module = handler.line.module;
  for (const char* name : {"google_authenticator", "oath", "duo", "u2f", "yubico", "fprintd",
                           "ssh_agent_auth", "pkcs11", "p11"}) {
    if (module.find(name) != std::string::npos) return true;
  }
  return false;
}

PamVerdict Walked(const std::vector<PamHandler>& stack, bool account, const PamSubject& subject,
                  PamModules& modules, PamTrial& trial) {
  return WalkPamStack(
      stack,
      [&](size_t index, PamToken token) {
        return modules.Run(stack[index], index, account, subject, token, trial);
      },
      account);
}

class Trials {
 public:
  Trials(const std::vector<PamHandler>& stack, bool account, const PamSubject& subject,
         PamModules& modules)
      : stack_(stack), account_(account), subject_(subject), modules_(modules) {}

  Ways Run() {
    Try({});
    for (size_t i = 0; i < todo_.size() && !full_; ++i) {
      const Proofs given = todo_[i];
      Try(given);
    }
    if (full_) Offer(0, WayIn::kMaybe, "PAM's modules ask for more things than are tried");
    for (size_t i = 0; i < kFactorKinds; ++i) {
      if (ways_.by_kinds[i] == WayIn::kOut) ways_.why[i] = "PAM lets nobody in";
    }
    return std::move(ways_);
  }

 private:
  void Try(const Proofs& given) {
    if (!seen_.insert(given).second) return;
    if (seen_.size() > kMaxTrials) {
      full_ = true;
      return;
    }
    PamTrial trial;
    trial.given = given;
    const PamVerdict verdict = Walked(stack_, account_, subject_, modules_, trial);
    for (const auto& [what, kinds] : trial.asked) kinds_[what] = kinds;
    Judge(given, trial, verdict);
    for (const auto& [what, kinds] : trial.asked) {
      Proofs more = given;
      if (more.insert(what).second && seen_.count(more) == 0) todo_.push_back(std::move(more));
    }
  }

  void Judge(const Proofs& given, const PamTrial& trial, const PamVerdict& verdict) {
    unsigned kinds = 0;
    for (const std::string& what : given) kinds |= kinds_[what];
    if (verdict.answer == Answer::kIn) Offer(kinds, WayIn::kIn, Explain(given, trial, verdict));
    if (verdict.answer == Answer::kMaybe) {
      Offer(kinds, WayIn::kMaybe,
            trial.doubts.empty() ? "it is not certain which modules are installed"
                                 : trial.doubts.front());
    }
  }

  // To this set of kinds and all that hold it.
  void Offer(unsigned kinds, WayIn answer, const std::string& why) {
    for (unsigned set = 0; set < kFactorKinds; ++set) {
      if ((set & kinds) != kinds || ways_.by_kinds[set] >= answer) continue;
      ways_.by_kinds[set] = answer;
      ways_.why[set] = why;
    }
  }

  // The line that lets in past the others.
  std::string Explain(const Proofs& given, const PamTrial& trial, const PamVerdict& verdict) const {
    std::string text;
    for (const std::string& what : given) {
      if (kinds_.at(what) == kCircumstance) absl::StrAppend(&text, what, ": ");
    }
    return text + Decisive(trial, verdict);
  }

  std::string Decisive(const PamTrial& trial, const PamVerdict& verdict) const {
    size_t after = 0;
    std::string past;  // a module that asks for more was jumped over, or never reached
    std::string noted;
    for (const PamVerdict::Step& step : verdict.way) {
      past = past.empty() ? Past(after, step.index) : past;
      after = step.index + 1;
      const auto note = trial.notes.find({step.index, step.code});
      if (note == trial.notes.end()) continue;
      const std::string said = absl::StrCat(Place(stack_[step.index]), ": ", note->second);
      if (AsksForMore(stack_[step.index])) return said;
      if (stack_[step.index].line.module.find("pam_permit") == std::string::npos || noted.empty())
        noted = said;
    }
    const bool ends = !verdict.way.empty() && past.empty();
    if (ends) past = Past(after, stack_.size());
    if (past.empty()) return noted.empty() ? Last(verdict) : noted;
    const size_t decider = DeciderBefore(verdict, past);
    const PamHandler& handler = stack_[decider];
    const auto note = trial.notes.find({decider, kPamSuccess});
    return absl::StrCat(Place(handler), ": ", handler.line.control, " ", handler.line.module,
                        " passes by ", past,
                        note == trial.notes.end() ? "" : " (" + note->second + ")");
  }

  std::string Past(size_t from, size_t to) const {
    for (size_t i = from; i < to; ++i) {
      if (AsksForMore(stack_[i]))
        return absl::StrCat(stack_[i].line.module, " of ", Place(stack_[i]));
    }
    return "";
  }

  // The step after which the skipped module would have come.
  size_t DeciderBefore(const PamVerdict& verdict, const std::string& past) const {
    size_t decider = verdict.way.front().index;
    for (size_t i = 0; i < stack_.size(); ++i) {
      if (absl::StrCat(stack_[i].line.module, " of ", Place(stack_[i])) == past) break;
      for (const PamVerdict::Step& step : verdict.way) {
        if (step.index == i) decider = i;
      }
    }
    return decider;
  }

  std::string Last(const PamVerdict& verdict) const {
    for (const PamVerdict::Step& step : verdict.way) {
      const PamHandler& handler = stack_[step.index];
      if (step.code == kPamSuccess && handler.line.module.find("pam_permit") == std::string::npos)
        return absl::StrCat(Place(handler), ": ", handler.line.module, " is enough");
    }
    return verdict.way.empty() ? "" : Place(stack_[verdict.way.back().index]);
  }

  const std::vector<PamHandler>& stack_;
  const bool account_;
  const PamSubject& subject_;
  PamModules& modules_;
  Ways ways_;
  std::map<std::string, unsigned> kinds_;
  std::set<Proofs> seen_;
  std::vector<Proofs> todo_;
  bool full_ = false;
};

}  // namespace

Ways SameWays(WayIn answer, const std::string& why) {
  Ways ways;
  ways.by_kinds.fill(answer);
  ways.why.fill(why);
  return ways;
}

Ways ProofWays(unsigned kinds, const std::string& why) {
  Ways ways;
  for (unsigned set = 0; set < kFactorKinds; ++set) {
    if ((set & kinds) != kinds) continue;
    ways.by_kinds[set] = WayIn::kIn;
    ways.why[set] = why;
  }
  return ways;
}

Ways BothWays(const Ways& a, const Ways& b) {
  Ways ways;
  for (size_t i = 0; i < kFactorKinds; ++i) {
    ways.by_kinds[i] = std::min(a.by_kinds[i], b.by_kinds[i]);
    const bool of_a = a.by_kinds[i] <= b.by_kinds[i];
    if (a.by_kinds[i] != b.by_kinds[i]) {
      ways.why[i] = of_a ? a.why[i] : b.why[i];
    } else {
      ways.why[i] = a.why[i].empty() || b.why[i].empty() ? a.why[i] + b.why[i]
                                                         : absl::StrCat(a.why[i], "; ", b.why[i]);
    }
  }
  return ways;
}

Ways EitherWay(const Ways& a, const Ways& b) {
  Ways ways = a;
  for (size_t i = 0; i < kFactorKinds; ++i) {
    if (b.by_kinds[i] <= a.by_kinds[i]) continue;
    ways.by_kinds[i] = b.by_kinds[i];
    ways.why[i] = b.why[i];
  }
  return ways;
}

PamVerdict TryPam(const PamService& service, bool account, const PamSubject& subject,
                  PamModules& modules, PamTrial& trial) {
  return Walked(service.stacks.at(account ? PamType::kAccount : PamType::kAuth), account, subject,
                modules, trial);
}

Ways PamWays(const PamService& service, bool account, const PamSubject& subject,
             PamModules& modules) {
  if (!service.unknown.empty()) return SameWays(WayIn::kMaybe, service.unknown);
  if (!service.aborted.empty()) return SameWays(WayIn::kOut, service.aborted);
  const auto stack = service.stacks.find(account ? PamType::kAccount : PamType::kAuth);
  if (stack == service.stacks.end() || stack->second.empty())
    return SameWays(WayIn::kOut, "PAM has no line for it");
  return Trials(stack->second, account, subject, modules).Run();
}

}  // namespace tom
