#include "checks/env/interface_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <tuple>

#include "checks/env/errno_status.h"

namespace tom {
namespace {

std::string NumericText(const sockaddr* address) {
  if (address == nullptr) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  } else if (address->sa_family == AF_INET6) {
    bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  }
  if (bytes == nullptr) return "";
  inet_ntop(address->sa_family, bytes, text.data(), text.size());
  return text.data();
}

}  // namespace

absl::StatusOr<std::vector<InterfaceAddress>> ListInterfaceAddresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return ErrnoStatus(errno, "getifaddrs");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  std::vector<InterfaceAddress> found;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    InterfaceAddress row;
    row.address = NumericText(one->ifa_addr);
    if (row.address.empty()) continue;
    if (found.size() >= kMaxInterfaceAddresses) {
      return absl::ResourceExhaustedError("more than 20,000 addresses of interfaces");
    }
    row.interface = one->ifa_name;
    row.mask = NumericText(one->ifa_netmask);
    if ((one->ifa_flags & IFF_BROADCAST) != 0) row.broadcast = NumericText(one->ifa_broadaddr);
    if ((one->ifa_flags & IFF_POINTOPOINT) != 0) row.point_to_point = NumericText(one->ifa_dstaddr);
    found.push_back(std::move(row));
  }
  std::sort(found.begin(), found.end(), [](const InterfaceAddress& a, const InterfaceAddress& b) {
    return std::tie(a.interface, a.address) < std::tie(b.interface, b.address);
  });
  return found;
}

}  // namespace tom
