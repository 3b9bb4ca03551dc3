// What `dmsetup table` says of running mappings (dmsetup(8); kernel: admin-guide/device-mapper).
// Without --showkeys a key stands there as zeros, or as the name of a key of the kernel's: its size
// is told, never the key. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_DM_TABLE_H_
#define TOM_CHECKS_PARSE_DM_TABLE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/key_strength.h"

namespace tom {

struct DmTarget {
  std::string type;  // "crypt", "linear", …
  std::string
      cipher;  // crypt alone: "aes-xts-plain64", "capi:authenc(hmac(sha256),xts(aes))-random"
  int key_bytes = -1;     // crypt alone, without an integrity key; -1 = not known
  std::string integrity;  // crypt alone: "hmac(sha256)"; empty = none
  KeyStrength strength;   // crypt alone
  bool allows_discards = false;
};

struct DmTables {
  std::map<std::string, std::vector<DmTarget>, std::less<>> mappings;  // by name, as printed
  std::vector<std::string> problems;  // "line N: what is wrong"; its mapping is not known
};

inline constexpr size_t kMaxDmLines = 20000;
DmTables ParseDmTables(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DM_TABLE_H_
