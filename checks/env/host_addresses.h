// Names of hosts to addresses, within a deadline.
#ifndef TOM_CHECKS_ENV_HOST_ADDRESSES_H_
#define TOM_CHECKS_ENV_HOST_ADDRESSES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxAddresses = 8;

// name -> numeric addresses of both families, sorted, at most kMaxAddresses (more:
// ResourceExhausted, for some would not be looked at).
using HostAddresses = std::map<std::string, absl::StatusOr<std::vector<std::string>>>;

// Numeric names are their own address. The others are asked of the system's resolver, all at once;
// what has no answer by the deadline is DeadlineExceeded, and its request's memory is given up, for
// glibc may still write to it. A deadline of 0 asks nobody: Unimplemented.
HostAddresses LookUpHosts(const std::vector<std::string>& names, int64_t deadline_ms);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_HOST_ADDRESSES_H_
