#include "checks/parse/address_reach.h"

#include <array>
#include <utility>

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

std::string Text4(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += (text.empty() ? "" : ".") + std::to_string(static_cast<unsigned char>(byte));
  }
  return text;
}

std::string Hex(unsigned value) {
  std::string text;
  for (; value != 0 || text.empty(); value /= 16) {
    text.insert(text.begin(), "0123456789abcdef"[value % 16]);
  }
  return text;
}

// The longest run of at least two zeros among `groups`, the first of equals: where it starts and
// how long it is.
std::pair<size_t, size_t> ZeroRun(const std::array<unsigned, 8>& groups) {
  std::pair<size_t, size_t> best{8, 1};
  for (size_t start = 0; start < 8; ++start) {
    size_t end = start;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - start > best.second) best = {start, end - start};
  }
  return best;
}

std::string Text6(std::string_view bytes) {
  if (bytes.substr(0, 12) == kMapped) return "::ffff:" + Text4(bytes.substr(12));
  std::array<unsigned, 8> groups;
  for (size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<unsigned char>(bytes[2 * i]) * 256U +
                static_cast<unsigned char>(bytes[2 * i + 1]);
  }
  const auto [start, length] = ZeroRun(groups);
  std::string text;
  for (size_t i = 0; i < 8; ++i) {
    if (i == start) {
      text += "::";
      i += length - 1;
    } else {
      text += (text.empty() || text.back() == ':' ? "" : ":") + Hex(groups[i]);
    }
  }
  return text;
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
  if (bytes.size() == 4) return Text4(bytes);
  return bytes.size() == 16 ? Text6(bytes) : "";
}

}  // namespace tom
