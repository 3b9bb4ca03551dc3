// What a pack is about, and whether it may show a thing.
#ifndef TOM_COLLECTOR_PACK_PACK_REQUEST_H_
#define TOM_COLLECTOR_PACK_PACK_REQUEST_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/utc_time.h"

namespace tom {

struct PackRequest {
  std::string profile;
  std::optional<UnixSeconds> from;        // absent: the first stamp
  std::optional<UnixSeconds> to;          // absent: the last stamp
  std::optional<std::string> controller;  // absent: everything
  uint64_t whole_below = 256;             // host_plan.h

  // Whether a body or blob of this scope may be shown: to one controller its own and what is
  // shared.
  bool Shows(const std::vector<std::string>& scope) const {
    if (!controller.has_value()) return true;
    return std::find(scope.begin(), scope.end(), *controller) != scope.end() ||
           std::find(scope.begin(), scope.end(), "shared") != scope.end();
  }
};

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_PACK_REQUEST_H_
