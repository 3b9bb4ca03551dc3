// What must hold of a store after any number of crashes.
#ifndef TOM_TESTS_E2E_KILL_COLLECTOR_VERIFY_STORE_H_
#define TOM_TESTS_E2E_KILL_COLLECTOR_VERIFY_STORE_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/trust.h"

namespace tom {

struct StoreFacts {
  uint64_t ledger_size = 0;
  uint64_t reports = 0;
  uint64_t statements = 0;
};

// Reads the store at `path` whole: every leaf index is used once, every leaf hash follows from its
// report or statement, every signature is good, the root is the one the signed checkpoint states,
// and each of `acknowledged` is there.
absl::StatusOr<StoreFacts> VerifyStore(const std::string& path, const Trust& trust,
                                       const std::set<Digest>& acknowledged);

}  // namespace tom

#endif  // TOM_TESTS_E2E_KILL_COLLECTOR_VERIFY_STORE_H_
