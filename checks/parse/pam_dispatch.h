// The walk through a stack of PAM modules, for modules of which it may be known only in part what
// they say: all ways that they could go are followed at once. As libpam 1.5.2 walks
// (_pam_dispatch_aux). No I/O.
#ifndef TOM_CHECKS_PARSE_PAM_DISPATCH_H_
#define TOM_CHECKS_PARSE_PAM_DISPATCH_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checks/parse/pam_control.h"
#include "checks/parse/pam_lines.h"

namespace tom {

inline constexpr int kPamMaxSubstacks = 16;

struct PamHandler {
  enum class Kind { kModule, kMustFail, kSubstack };
  Kind kind = Kind::kModule;
  PamLine line;
  std::string file;
  int level = 0;  // of substacks, under kPamMaxSubstacks
  PamActions actions{};
};

// What modules hand on as PAM_AUTHTOK.
enum class PamToken { kNone, kRight, kWrong };  // kRight: the account's password

struct PamOutcome {
  int code = kPamIgnore;
  PamToken token = PamToken::kNone;  // after it
  bool expected = true;              // false: not how the module is known to behave, but not to be
                                     // excluded either
};

// At least one outcome for the module of handler `index`, called with `token`.
using PamModuleRun = std::function<std::vector<PamOutcome>(size_t index, PamToken token)>;

struct PamVerdict {
  enum class Answer { kOut, kMaybe, kIn };
  // kIn: PAM_SUCCESS on every expected way. kOut: on no way at all.
  Answer answer = Answer::kOut;
  // Of one way that ends in PAM_SUCCESS, an expected one if there is one: the modules that were
  // called and what they said.
  struct Step {
    size_t index = 0;
    int code = 0;
  };
  std::vector<Step> way;
};

// `or_new_token`: PAM_NEW_AUTHTOK_REQD lets in too, as callers of pam_acct_mgmt take it. An empty
// stack lets nobody in. kMaybe also where there are more ways than the bound (100,000 states).
// REQUIRES: a level is 0 or at most one above that of the handler before, which is then a
// kSubstack.
PamVerdict WalkPamStack(const std::vector<PamHandler>& stack, const PamModuleRun& run,
                        bool or_new_token = false);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PAM_DISPATCH_H_
