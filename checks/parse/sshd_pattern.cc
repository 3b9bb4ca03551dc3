#include "checks/parse/sshd_pattern.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstring>

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
  in_addr four;
  if (text.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    address.v6 = true;
    return address;
  }
  // sshd asks getaddrinfo, which takes the old short forms (10.1) too, but nothing after them.
  if (text.empty() || text.find_first_not_of("0123456789abcdefxABCDEFX.") != std::string::npos ||
      inet_aton(text.c_str(), &four) != 1) {
    return std::nullopt;
  }
  address.bytes = {};
  std::memcpy(address.bytes.data(), &four, sizeof four);
  return address;
}

std::string SshdAddressText(const SshdAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
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
