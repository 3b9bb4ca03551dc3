#include "checks/parse/address_reach.h"

#include <arpa/inet.h>

#include <array>

namespace tom {
namespace {

constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

AddressReach ReachOf4(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes == std::string_view("\0\0\0\0", 4)) return AddressReach::kAny;
  if (byte(0) == 127) return AddressReach::kLoopback;
  if (byte(0) == 169 && byte(1) == 254) return AddressReach::kLinkLocal;
  if (byte(0) == 10 || (byte(0) == 172 && (byte(1) & 0xf0) == 16) ||
      (byte(0) == 192 && byte(1) == 168) || (byte(0) == 100 && (byte(1) & 0xc0) == 64)) {
    return AddressReach::kPrivate;
  }
  return (byte(0) & 0xf0) == 224 ? AddressReach::kMulticast : AddressReach::kPublic;
}

AddressReach ReachOf6(std::string_view bytes) {
  if (bytes.substr(0, 12) == kMapped) return ReachOf4(bytes.substr(12));
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return AddressReach::kAny;
  if (bytes.find_first_not_of('\0') == 15 && bytes[15] == 1) return AddressReach::kLoopback;
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first == 0xfe && (static_cast<unsigned char>(bytes[1]) & 0xc0) == 0x80) {
    return AddressReach::kLinkLocal;
  }
  if ((first & 0xfe) == 0xfc) return AddressReach::kPrivate;
  return first == 0xff ? AddressReach::kMulticast : AddressReach::kPublic;
}

}  // namespace

AddressReach ReachOf(std::string_view bytes) {
  if (bytes.size() == 4) return ReachOf4(bytes);
  return bytes.size() == 16 ? ReachOf6(bytes) : AddressReach::kPublic;
}

std::string_view AddressReachName(AddressReach reach) {
  switch (reach) {
    case AddressReach::kAny:
      return "any";
    case AddressReach::kLoopback:
      return "loopback";
    case AddressReach::kLinkLocal:
      return "link_local";
    case AddressReach::kPrivate:
      return "private";
    case AddressReach::kMulticast:
      return "multicast";
    case AddressReach::kPublic:
      break;
  }
  return "public";
}

std::string AddressText(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return "";
  std::array<char, INET6_ADDRSTRLEN> text;
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

}  // namespace tom
