// The checks that a person works on: a folder of YAML, loaded without any collector.
#ifndef TOM_COLLECTOR_CTL_CHECK_FILES_H_
#define TOM_COLLECTOR_CTL_CHECK_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "checks/engine/catalogue_loader.h"

namespace CLI {
class App;
}

namespace tom {

inline constexpr char kShippedChecks[] = "/usr/share/tom/checks";

// --checks DIR, TOM_CHECKS, or the shipped ones; `folder` must outlive `app`.
void AddChecksFlag(CLI::App& app, std::string& folder);
// A relative folder counts from the working one.
absl::StatusOr<LoadedCatalogue> LoadCheckFiles(const std::string& folder);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_CHECK_FILES_H_
