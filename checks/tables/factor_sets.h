// The smallest sets of proofs that let somebody in, in words.
#ifndef TOM_CHECKS_TABLES_FACTOR_SETS_H_
#define TOM_CHECKS_TABLES_FACTOR_SETS_H_

#include <string>

#include "checks/tables/pam_ways.h"

namespace tom {

struct LeastSets {
  std::string sets;  // "password+key, password+device"; "nothing" is the empty set
  int kinds = -1;    // of the smallest; -1: there is none
  std::string why;   // of the smallest
};

// The sets that reach `least`, without those that hold another of them.
LeastSets LeastSetsOf(const Ways& ways, WayIn least);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FACTOR_SETS_H_
