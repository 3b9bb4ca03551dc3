// Which proofs get somebody through a PAM service: every set of what its modules ask for is tried.
#ifndef TOM_CHECKS_TABLES_PAM_WAYS_H_
#define TOM_CHECKS_TABLES_PAM_WAYS_H_

#include <array>
#include <string>

#include "checks/tables/pam_modules.h"
#include "checks/tables/pam_service.h"
#include "checks/tables/pam_trial.h"

namespace tom {

enum class WayIn { kOut, kMaybe, kIn };

struct Ways {
  // By the set of kinds of proof that are at hand (kFactor…, added up): growing with the set.
  std::array<WayIn, kFactorKinds> by_kinds{};
  // Where the set lets in (kIn), by what line; where it may (kMaybe), why that is not known.
  std::array<std::string, kFactorKinds> why{};
};

// Nothing but `answer`, whatever is shown.
Ways SameWays(WayIn answer, const std::string& why);

// Both have to be passed.
Ways BothWays(const Ways& a, const Ways& b);

// Either lets in.
Ways EitherWay(const Ways& a, const Ways& b);

// What a proof of `kinds` alone gives.
Ways ProofWays(unsigned kinds, const std::string& why);

// One trial: pam_authenticate, or with `account` pam_acct_mgmt. REQUIRES: the stack is known.
PamVerdict TryPam(const PamService& service, bool account, const PamSubject& subject,
                  PamModules& modules, PamTrial& trial);

// pam_authenticate, or with `account` pam_acct_mgmt. At most 512 trials: more make kMaybe.
Ways PamWays(const PamService& service, bool account, const PamSubject& subject,
             PamModules& modules);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_WAYS_H_
