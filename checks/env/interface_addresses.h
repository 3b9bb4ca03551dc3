// Addresses of this host's network interfaces, as the kernel has them now (getifaddrs(3)).
#ifndef TOM_CHECKS_ENV_INTERFACE_ADDRESSES_H_
#define TOM_CHECKS_ENV_INTERFACE_ADDRESSES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxInterfaceAddresses = 20000;

struct InterfaceAddress {
  std::string interface;
  std::string address;  // numeric, IPv4 or IPv6, without a scope
  std::string mask;
  std::string broadcast;       // empty where there is none
  std::string point_to_point;  // the other end's, empty where there is none
};

// Sorted. Of the network namespace that the process is in.
absl::StatusOr<std::vector<InterfaceAddress>> ListInterfaceAddresses();

}  // namespace tom

#endif  // TOM_CHECKS_ENV_INTERFACE_ADDRESSES_H_
