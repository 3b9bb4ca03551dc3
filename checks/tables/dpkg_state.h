// Packages as dpkg(1) has them: /var/lib/dpkg/status, and the pieces of status.d that small images
// have in its place.
#ifndef TOM_CHECKS_TABLES_DPKG_STATE_H_
#define TOM_CHECKS_TABLES_DPKG_STATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/table.h"
#include "checks/parse/deb_control.h"

namespace tom {

inline constexpr char kDpkgFolder[] = "/var/lib/dpkg";

// What could not be read is said to the sink. NotFound: there is no dpkg here.
absl::StatusOr<std::vector<DebStanza>> ReadDpkgStatus(Env& env, RowSink& sink);

// The third word of Status: installed, config-files, half-configured, …; status.d has none and
// means installed.
std::string DpkgState(const DebStanza& package);

std::vector<Touch> DpkgTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DPKG_STATE_H_
