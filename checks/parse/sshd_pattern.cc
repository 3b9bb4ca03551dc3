#include "checks/parse/sshd_pattern.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "checks/parse/address_reach.h"

namespace tom {
namespace {

int FullBits(const SshdAddress& address) { return address.v6 ? 128 : 32; }

bool BitSet(const SshdAddress& address, int bit) {
  return (address.bytes[static_cast<size_t>(bit / 8)] & (0x80 >> (bit % 8))) != 0;
}

bool InNetwork(const SshdAddress& address, const SshdNetwork& network) {
  if (address.v6 != network.address.v6) return false;
  for (int bit = 0; bit < network.bits; ++bit) {
    if (BitSet(address, bit) != BitSet(network.address, bit)) return false;
  }
  return true;
}

// One number of the old forms: decimal, 0x… or 0….
bool ParsePart(std::string_view text, uint32_t& value) {
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
    text.remove_prefix(base == 16 ? 2 : 1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// inet_aton(3): one to four parts, the last of which fills what is left; sshd asks getaddrinfo,
// which takes them all.
bool ParseFour(std::string_view text, uint8_t* bytes) {
  size_t part = 0;
  for (;; ++part) {
    const size_t dot = std::min(text.find('.'), text.size());
    uint32_t value = 0;
    if (part > 3 || !ParsePart(text.substr(0, dot), value)) return false;
    if (dot == text.size()) {
      if (part > 0 && value >> (8 * (4 - part)) != 0) return false;
      for (size_t i = 4; i-- > part; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
      return true;
    }
    if (value > 255) return false;
    bytes[part] = static_cast<uint8_t>(value);
    text.remove_prefix(dot + 1);
  }
}

// Groups between colons, an IPv4 address as the last; at most 16 bytes. False: no such thing.
bool ParseGroups(std::string_view text, std::vector<uint8_t>& bytes) {
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      bytes.resize(bytes.size() + 4);
      return std::count(group.begin(), group.end(), '.') == 3 && bytes.size() <= 16 &&
             ParseFour(group, &bytes[bytes.size() - 4]);
    }
    if (group.empty() || group.size() > 4 || error != std::errc() ||
        end != group.data() + group.size() || bytes.size() > 14) {
      return false;
    }
    bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

// RFC 4291, 2.2.
bool ParseSix(std::string_view text, std::array<uint8_t, 16>& bytes) {
  const size_t gap = text.find("::");
  std::vector<uint8_t> head;
  std::vector<uint8_t> tail;
  if (gap == std::string_view::npos)
    return ParseGroups(text, head) && head.size() == 16 &&
           std::copy(head.begin(), head.end(), bytes.begin()) == bytes.end();
  if (!ParseGroups(text.substr(0, gap), head) || !ParseGroups(text.substr(gap + 2), tail) ||
      head.size() + tail.size() > 14) {
    return false;
  }
  std::copy(head.begin(), head.end(), bytes.begin());
  std::copy_backward(tail.begin(), tail.end(), bytes.end());
  return true;
}

// The entry without its `!`.
std::string_view Positive(std::string_view entry, bool& negated) {
  negated = !entry.empty() && entry[0] == '!';
  return negated ? entry.substr(1) : entry;
}

}  // namespace

bool SshdPatternMatches(std::string_view text, std::string_view pattern) {
  size_t t = 0;
  size_t p = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> SplitSshdList(std::string_view list) {
  std::vector<std::string> entries;
  for (size_t start = 0; start <= list.size();) {
    const size_t end = std::min(list.find(',', start), list.size());
    entries.emplace_back(list.substr(start, end - start));
    start = end + 1;
  }
  return entries;
}

bool SshdListMatches(std::string_view text, std::string_view list, bool lower) {
  bool found = false;
  for (std::string& entry : SplitSshdList(list)) {
    bool negated = false;
    std::string pattern(Positive(entry, negated));
    if (lower) {
      for (char& c : pattern) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (!SshdPatternMatches(text, pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

bool SshdListMatchesAny(const std::vector<std::string>& texts, std::string_view list) {
  bool found = false;
  for (const std::string& entry : SplitSshdList(list)) {
    bool negated = false;
    const std::string_view pattern = Positive(entry, negated);
    const bool matches = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return SshdPatternMatches(text, pattern);
    });
    if (matches && negated) return false;
    found = found || matches;
  }
  return found;
}

std::optional<SshdAddress> ParseSshdAddress(const std::string& text) {
  SshdAddress address;
  address.v6 = text.find(':') != std::string::npos;
  const bool ok =
      address.v6 ? ParseSix(text, address.bytes) : ParseFour(text, address.bytes.data());
  return ok ? std::optional<SshdAddress>(address) : std::nullopt;
}

std::string SshdAddressText(const SshdAddress& address) {
  return AddressText(
      {reinterpret_cast<const char*>(address.bytes.data()), address.v6 ? size_t{16} : size_t{4}});
}

std::optional<SshdNetwork> ParseSshdNetwork(const std::string& text, bool& refused) {
  refused = false;
  if (text.size() >= 64) return std::nullopt;
  const size_t slash = text.find('/');
  int bits = -1;
  if (slash != std::string::npos) {
    const std::string mask = text.substr(slash + 1);
    if (mask.empty() || mask.size() > 3 ||
        mask.find_first_not_of("0123456789") != std::string::npos || std::stoi(mask) > 128) {
      return std::nullopt;
    }
    bits = std::stoi(mask);
  }
  const auto address = ParseSshdAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (bits < 0) bits = FullBits(*address);
  refused = bits > FullBits(*address);
  for (int bit = bits; bit < FullBits(*address); ++bit) refused = refused || BitSet(*address, bit);
  if (refused) return std::nullopt;
  return SshdNetwork{*address, bits};
}

std::optional<SshdAddress> AfterSshdNetwork(const SshdNetwork& network) {
  SshdAddress next = network.address;
  for (int bit = network.bits - 1; bit >= 0; --bit) {
    const auto mask = static_cast<uint8_t>(0x80 >> (bit % 8));
    next.bytes[static_cast<size_t>(bit / 8)] ^= mask;
    if (BitSet(next, bit)) return next;
  }
  return std::nullopt;
}

bool SshdAddressListMatches(const std::string& address, std::string_view list, bool& refused) {
  refused = false;
  const auto parsed = ParseSshdAddress(address);
  bool found = false;
  bool denied = false;
  for (const std::string& entry : SplitSshdList(list)) {
    bool negated = false;
    const std::string positive(Positive(entry, negated));
    bool bad = positive.empty();
    const auto network = ParseSshdNetwork(positive, bad);
    refused = refused || bad || positive.empty();
    const bool matches = network ? parsed && InNetwork(*parsed, *network)
                                 : parsed && SshdPatternMatches(address, positive);
    denied = denied || (matches && negated);
    found = found || (matches && !negated);
  }
  return found && !denied && !refused;
}

}  // namespace tom
