// Where the door does not connect, whatever the configuration says (tcp_probe.h).
#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "checks/env/tcp_probe.h"

namespace tom {
namespace {

using Ip6 = std::array<unsigned char, 16>;

// Any address as IPv6; IPv4 as ::ffff:a.b.c.d.
std::optional<Ip6> ParseAddress(std::string_view text) {
  const std::string copy(text);
  Ip6 bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  std::array<unsigned char, 4> v4{};
  if (inet_pton(AF_INET, copy.c_str(), v4.data()) != 1) return std::nullopt;
  bytes[10] = bytes[11] = 0xFF;
  std::memcpy(&bytes[12], v4.data(), 4);
  return bytes;
}

bool StartsWith(const Ip6& bytes, std::initializer_list<unsigned char> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

// The IPv4 address that an IPv6 one carries: mapped, compatible (RFC 4291), NAT64 (RFC 6052, its
// well-known prefix), 6to4 (RFC 3056).
std::optional<uint32_t> CarriedIp4(const Ip6& bytes) {
  const auto at = [&](size_t i) {
    return uint32_t{bytes[i]} << 24 | uint32_t{bytes[i + 1]} << 16 | uint32_t{bytes[i + 2]} << 8 |
           bytes[i + 3];
  };
  if (StartsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return at(12);
  if (StartsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && at(12) > 1) return at(12);
  if (StartsWith(bytes, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return at(12);
  if (StartsWith(bytes, {0x20, 0x02})) return at(2);
  return std::nullopt;
}

std::string ForbiddenIp4(uint32_t address) {
  // Azure's and Alibaba's metadata services, and Oracle's older one, stand outside link-local.
  if (address == 0xA83F8110 || address == 0x646464C8 || address == 0xC00000C0) {
    return "an address of a metadata service";
  }
  if (address >> 16 == 0xA9FE) return "a link-local or metadata address";
  if (address >> 24 == 0) return "an unspecified address";
  if (address >> 28 >= 0xE) return "a multicast, reserved or broadcast address";
  return "";
}

std::string ForbiddenAddress(const Ip6& bytes) {
  if (const auto carried = CarriedIp4(bytes)) return ForbiddenIp4(*carried);
  Ip6 metadata{};
  for (const char* text : {"fd00:ec2::254", "fd20:ce::254"}) {
    inet_pton(AF_INET6, text, metadata.data());
    if (bytes == metadata) return "an address of a metadata service";
  }
  if (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80) return "a link-local address";
  if (bytes[0] == 0xFF) return "a multicast address";
  if (bytes == Ip6{}) return "an unspecified address";
  return "";
}

}  // namespace

std::string ForbiddenReason(const TcpPolicy& policy, const TcpTarget& target, bool own) {
  const auto address = ParseAddress(target.address);
  if (!address) return "not a numeric address";
  if (target.port < 1 || target.port > 65535) return "not a port";
  if (std::string reason = ForbiddenAddress(*address); !reason.empty()) return reason;
  if (IsExcluded(policy, target)) return "excluded by probe.exclude";
  if (own) return "";
  for (const TcpTarget& declared : policy.declared) {
    if (!target.host.empty() && declared.host == target.host && declared.port == target.port) {
      return "";
    }
  }
  return "neither declared nor this host's own";
}

bool IsExcluded(const TcpPolicy& policy, const TcpTarget& target) {
  const std::string port = ":" + std::to_string(target.port);
  for (const std::string& excluded : policy.exclude) {
    for (const std::string& name : {target.host, target.address}) {
      if (name.empty()) continue;
      if (excluded == name || excluded == name + port || excluded == "[" + name + "]" + port) {
        return true;
      }
    }
  }
  return false;
}

bool IsLoopback(std::string_view address) {
  const auto bytes = ParseAddress(address);
  if (!bytes) return false;
  if (const auto carried = CarriedIp4(*bytes)) return *carried >> 24 == 127;
  Ip6 loopback{};
  loopback[15] = 1;
  return *bytes == loopback;
}

}  // namespace tom
