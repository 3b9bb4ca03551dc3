#include "checks/tables/factor_sets.h"

#include <bit>

#include "absl/strings/str_cat.h"

namespace tom {
namespace {

constexpr const char* kKindNames[] = {"password", "key", "device", "body"};

std::string SetName(unsigned set) {
  std::string name;
  for (unsigned i = 0; i < 4; ++i) {
    if ((set >> i & 1U) != 0) absl::StrAppend(&name, name.empty() ? "" : "+", kKindNames[i]);
  }
  return name.empty() ? "nothing" : name;
}

}  // namespace

LeastSets LeastSetsOf(const Ways& ways, WayIn least) {
  LeastSets found;
  for (int count = 0; count <= 4; ++count) {
    for (unsigned set = 0; set < kFactorKinds; ++set) {
      if (std::popcount(set) != count || ways.by_kinds[set] < least) continue;
      bool smaller = false;
      for (unsigned other = 0; other < set; ++other)
        smaller = smaller || ((other & set) == other && ways.by_kinds[other] >= least);
      if (smaller) continue;
      absl::StrAppend(&found.sets, found.sets.empty() ? "" : ", ", SetName(set));
      if (found.kinds >= 0) continue;
      found.kinds = count;
      found.why = ways.why[set];
    }
  }
  return found;
}

}  // namespace tom
