// The catalogue as `check` and `query` find it without a collector: a directory of YAML.
#ifndef TOM_AGENT_LOCAL_CATALOGUE_H_
#define TOM_AGENT_LOCAL_CATALOGUE_H_

#include <string>

#include "absl/status/statusor.h"
#include "checks/engine/catalogue_loader.h"

namespace tom {

inline constexpr char kDefaultChecksDir[] = "/usr/share/tom/checks";
inline constexpr char kDefaultSiteChecksDir[] = "/etc/tom/checks.d";

// Both directories on the machine that the program runs on; relative ones start at the working
// directory. A missing `checks` is NotFound, a missing `site_checks` adds nothing.
absl::StatusOr<LoadedCatalogue> LoadLocalCatalogue(const std::string& checks,
                                                   const std::string& site_checks);

}  // namespace tom

#endif  // TOM_AGENT_LOCAL_CATALOGUE_H_
