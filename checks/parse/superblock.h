// What a block device holds, told from its start as libblkid does (util-linux, libblkid/src/
// superblocks; the formats' own specifications). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_SUPERBLOCK_H_
#define TOM_CHECKS_PARSE_SUPERBLOCK_H_

#include <string>
#include <string_view>

namespace tom {

// All signatures but OpenZFS' lie before the first of these; OpenZFS' between the other two.
inline constexpr size_t kSuperblockBytes = 68 << 10;
inline constexpr size_t kZfsLabelAt = 128 << 10;
inline constexpr size_t kZfsLabelBytes = 128 << 10;

struct Superblock {
  // As blkid(8) names it: ext4, xfs, btrfs, vfat, swap, crypto_LUKS, LVM2_member, …; empty =
  // nothing that is known.
  std::string type;
  std::string uuid;   // as blkid writes it; empty = none
  std::string label;  // printable ASCII, other bytes as '?'
};

// `start`: the first kSuperblockBytes, or what there is. Of several signatures the one that hides
// the data counts first, then what is made of devices, then file systems.
Superblock ParseSuperblock(std::string_view start);

// `label`: kZfsLabelBytes from kZfsLabelAt on.
bool IsZfsLabel(std::string_view label);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUPERBLOCK_H_
