#include "agent/drill/drill_user.h"

#include <grp.h>
#include <pwd.h>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uid_t kFirst = 65520;
constexpr uid_t kLast = 65533;

}  // namespace

absl::StatusOr<DrillUser> ChooseDrillUser(const std::string& declared) {
  const passwd* account = getpwnam(declared.empty() ? kDrillUserName : declared.c_str());
  if (account != nullptr) {
    if (account->pw_uid != 0 && account->pw_gid != 0) {
      return DrillUser{.uid = account->pw_uid, .gid = account->pw_gid};
    }
    return absl::FailedPreconditionError("the drill's user has root's rights");
  }
  if (!declared.empty()) {
    return absl::FailedPreconditionError(ToAbsl("drills.user: there is no account " + declared));
  }
  for (uid_t id = kFirst; id <= kLast; ++id) {
    if (getpwuid(id) == nullptr && getgrgid(id) == nullptr) return DrillUser{.uid = id, .gid = id};
  }
  return absl::FailedPreconditionError("no unused user for the drill; declare drills.user");
}

}  // namespace tom
