// What OpenZFS' own programs print for scripts (-H: tabs between, no headings): zfsprops(7),
// zpool-list(8). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_ZFS_LIST_H_
#define TOM_CHECKS_PARSE_ZFS_LIST_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/key_strength.h"

namespace tom {

struct ZfsDataset {
  std::string encryption;  // "off", "aes-256-gcm"; empty = not told
  KeyStrength strength;    // 0 bits when it is off
};

// Of `zfs get -H -o name,property,value encryption`: by dataset.
using ZfsDatasets = std::map<std::string, ZfsDataset, std::less<>>;
inline constexpr size_t kMaxZfsLines = 100000;
ZfsDatasets ParseZfsEncryption(std::string_view text);

// Of `zpool list -H -v -P -L`: the paths of all devices of each pool, its logs and caches too.
using ZfsPools = std::map<std::string, std::vector<std::string>, std::less<>>;
ZfsPools ParseZfsPools(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ZFS_LIST_H_
