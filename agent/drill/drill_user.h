// Whose rights the restoring program has: a user that nothing else runs as.
#ifndef TOM_AGENT_DRILL_DRILL_USER_H_
#define TOM_AGENT_DRILL_DRILL_USER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr char kDrillUserName[] = "tom-drill";

struct DrillUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

// The account `declared`; FailedPrecondition where there is none or it is root's. Where none is
// declared: the account tom-drill, or else ids between 65520 and 65533, which Debian and systemd
// leave unused, that no account has.
absl::StatusOr<DrillUser> ChooseDrillUser(const std::string& declared);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_DRILL_USER_H_
