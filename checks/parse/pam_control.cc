#include "checks/parse/pam_control.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace tom {
namespace {

constexpr int kUndefined = -6;
constexpr int32_t kMaxJump = 1 << 20;  // far beyond any stack

constexpr std::string_view kReturns[] = {"success",
                                         "open_err",
                                         "symbol_err",
                                         "service_err",
                                         "system_err",
                                         "buf_err",
                                         "perm_denied",
                                         "auth_err",
                                         "cred_insufficient",
                                         "authinfo_unavail",
                                         "user_unknown",
                                         "maxtries",
                                         "new_authtok_reqd",
                                         "acct_expired",
                                         "session_err",
                                         "cred_unavail",
                                         "cred_expired",
                                         "cred_err",
                                         "no_module_data",
                                         "conv_err",
                                         "authtok_err",
                                         "authtok_recover_err",
                                         "authtok_lock_busy",
                                         "authtok_disable_aging",
                                         "try_again",
                                         "ignore",
                                         "abort",
                                         "authtok_expired",
                                         "module_unknown",
                                         "bad_item",
                                         "conv_again",
                                         "incomplete",
                                         "default"};
static_assert(std::size(kReturns) == kPamCodes + 1);

// By the number of the action with its sign turned.
constexpr std::string_view kActions[] = {"ignore", "ok", "done", "bad", "die", "reset"};

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool SameWord(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

void Fill(PamActions& actions, int action) {
  for (int32_t& one : actions) one = one == kUndefined ? action : one;
}

PamActions Simple(int granted, int denied, bool ignores) {
  PamActions actions;
  actions.fill(denied);
  actions[kPamSuccess] = granted;
  actions[kPamNewAuthtokReqd] = granted;
  if (ignores) actions[kPamIgnore] = kPamActIgnore;
  return actions;
}

// The text of one control field, read from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // False, with `problem`: libpam gives up here.
  bool Pairs(PamActions& actions, std::string& problem) {
    for (SkipBlanks(); !text_.empty(); SkipBlanks()) {
      const int code = TakeWord(kReturns, std::size(kReturns));
      if (code < 0 || text_.empty()) return Say(problem, "no return value is named");
      SkipBlanks();
      if (text_.empty() || text_[0] != '=') return Say(problem, "a '=' is missing");
      text_.remove_prefix(1);
      SkipBlanks();
      if (text_.empty()) return Say(problem, "an action is missing");
      int action = 0;
      if (!TakeAction(action)) return Say(problem, "no action that is known");
      if (code == kPamCodes) {
        Fill(actions, action);
      } else {
        actions[static_cast<size_t>(code)] = action;
      }
    }
    return true;
  }

 private:
  static bool Say(std::string& problem, const char* what) {
    problem = what;
    return false;
  }

  void SkipBlanks() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_[0])) != 0)
      text_.remove_prefix(1);
  }

  // The first of the words that the text starts with, as libpam looks for them.
  int TakeWord(const std::string_view* words, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (!text_.starts_with(words[i])) continue;
      text_.remove_prefix(words[i].size());
      return static_cast<int>(i);
    }
    return -1;
  }

  bool TakeAction(int& action) {
    const int word = TakeWord(kActions, std::size(kActions));
    action = -word;
    if (word >= 0) return true;
    action = 0;
    while (!text_.empty() && std::isdigit(static_cast<unsigned char>(text_[0])) != 0) {
      action = std::min<int32_t>(action * 10 + (text_[0] - '0'), kMaxJump);
      text_.remove_prefix(1);
    }
    return action != 0;
  }

  std::string_view text_;
};

}  // namespace

std::string PamCodeName(int code) {
  if (code < 0 || code >= kPamCodes) return "code " + std::to_string(code);
  return std::string(kReturns[static_cast<size_t>(code)]);
}

int PamCodeOf(std::string_view name) {
  for (size_t i = 0; i < kPamCodes; ++i) {
    if (kReturns[i] == name) return static_cast<int>(i);
  }
  return -1;
}

PamActions ParsePamControl(std::string_view control, std::string& problem) {
  if (SameWord(control, "required")) return Simple(kPamActOk, kPamActBad, true);
  if (SameWord(control, "requisite")) return Simple(kPamActOk, kPamActDie, true);
  if (SameWord(control, "optional")) return Simple(kPamActOk, kPamActIgnore, true);
  if (SameWord(control, "sufficient")) return Simple(kPamActDone, kPamActIgnore, true);
  PamActions actions;
  actions.fill(kUndefined);
  if (!Reader(control).Pairs(actions, problem)) actions.fill(kPamActBad);
  Fill(actions, kPamActBad);
  return actions;
}

}  // namespace tom
