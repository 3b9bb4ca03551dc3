// Patterns as sshd matches them (ssh_config(5) PATTERNS; match.c, addrmatch.c of OpenSSH).
#ifndef TOM_CHECKS_PARSE_SSHD_PATTERN_H_
#define TOM_CHECKS_PARSE_SSHD_PATTERN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

// `*` and `?`; the whole text. Linear in pattern times text.
bool SshdPatternMatches(std::string_view text, std::string_view pattern);

// A list with commas: true when an entry matches and no entry with `!` in front does. `lower`: the
// patterns in lower case first, as for host names.
bool SshdListMatches(std::string_view text, std::string_view list, bool lower = false);

// As above over several texts (the groups of a user): an entry with `!` that matches any of them
// decides.
bool SshdListMatchesAny(const std::vector<std::string>& texts, std::string_view list);

struct SshdAddress {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};  // the first 4 for IPv4

  bool operator==(const SshdAddress& other) const { return v6 == other.v6 && bytes == other.bytes; }
};

struct SshdNetwork {
  SshdAddress address;
  int bits = 0;
};

std::optional<SshdAddress> ParseSshdAddress(const std::string& text);
std::string SshdAddressText(const SshdAddress& address);

// "192.0.2.0/24", "::1"; nothing when it is no network (then it is a pattern). `refused`: sshd
// refuses it, for bits are set after the mask or the mask is too long.
std::optional<SshdNetwork> ParseSshdNetwork(const std::string& text, bool& refused);

// The first address after the network, or nothing at the end of the space.
std::optional<SshdAddress> AfterSshdNetwork(const SshdNetwork& network);

// Of "Match Address": networks first, else patterns over the address as text. `refused` as above,
// or an empty entry.
bool SshdAddressListMatches(const std::string& address, std::string_view list, bool& refused);

std::vector<std::string> SplitSshdList(std::string_view list);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSHD_PATTERN_H_
