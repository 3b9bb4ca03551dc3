// Who can reach an Internet address, by the address alone (RFC 6890 and the registries it started).
// Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_ADDRESS_REACH_H_
#define TOM_CHECKS_PARSE_ADDRESS_REACH_H_

#include <string>
#include <string_view>

namespace tom {

enum class AddressReach {
  kAny,        // 0.0.0.0 and ::, every address of the host
  kLoopback,   // 127/8, ::1
  kLinkLocal,  // 169.254/16, fe80::/10
  kPrivate,    // RFC 1918, RFC 6598 (100.64/10), RFC 4193 (fc00::/7)
  kMulticast,  // 224/4, ff00::/8
  kPublic,     // all others
};

// `bytes` in network order, 4 or 16; an IPv4-mapped address (::ffff:a.b.c.d) reaches as its IPv4.
// Another size is kPublic: the one that nothing is let off for.
AddressReach ReachOf(std::string_view bytes);

// any, loopback, link_local, private, multicast, public.
std::string_view AddressReachName(AddressReach reach);

// RFC 5952, IPv4-mapped ones as "::ffff:192.0.2.1"; "" for another size than 4 or 16.
std::string AddressText(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ADDRESS_REACH_H_
