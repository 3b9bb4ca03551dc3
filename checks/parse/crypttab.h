// crypttab(5): how encrypted devices are meant to be opened. Intention, never evidence. Bytes ->
// values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_CRYPTTAB_H_
#define TOM_CHECKS_PARSE_CRYPTTAB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct CrypttabEntry {
  int64_t line = 0;
  std::string name;
  std::string device;   // as written: "/dev/sda2", "UUID=…"
  std::string key;      // a file, "/dev/urandom"; empty where it is asked for ("none", "-")
  std::string options;  // "luks,discard"

  // An option's value; "" for one without; nothing where it does not stand there. The last counts.
  std::optional<std::string> Option(std::string_view option) const;
};

struct Crypttab {
  std::vector<CrypttabEntry> entries;
  std::vector<std::string> problems;  // "line N: what is wrong"; that line gives no entry
};

// At most kMaxCrypttabLines entries; more is a problem.
inline constexpr size_t kMaxCrypttabLines = 1000;
Crypttab ParseCrypttab(std::string_view text);

// The options that speak of kind and cipher (luks, plain, tcrypt, bitlk, swap, cipher=, size=,
// hash=, offset=) of the entry for the mapping `name`, or else of the one for the device `device`,
// separated by commas; "none" when that entry states none of them. Empty when there is no entry.
std::string CrypttabIntention(const Crypttab& table, std::string_view name,
                              std::string_view device);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CRYPTTAB_H_
