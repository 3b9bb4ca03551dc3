#include "checks/parse/superblock.h"

#include <algorithm>
#include <cstdint>

#include "evidence/digest.h"

namespace tom {
namespace {

using Bytes = std::string_view;

// Empty where the bytes do not reach that far.
Bytes At(Bytes start, size_t at, size_t size) {
  return at + size <= start.size() ? start.substr(at, size) : Bytes();
}

bool Has(Bytes start, size_t at, Bytes magic) { return At(start, at, magic.size()) == magic; }

uint64_t Little(Bytes start, size_t at, size_t size) {
  uint64_t value = 0;
  const Bytes bytes = At(start, at, size);
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string Text(Bytes field) {
  std::string text(field.substr(0, field.find('\0')));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// 16 bytes as 8-4-4-4-12 digits; nothing where they are all zero.
std::string Uuid(Bytes start, size_t at) {
  const Bytes bytes = At(start, at, 16);
  if (bytes.empty() || bytes.find_first_not_of('\0') == Bytes::npos) return "";
  std::string digits = HexEncode(bytes);
  for (const size_t dash : {20, 16, 12, 8}) digits.insert(dash, "-");
  return digits;
}

// A volume's serial number, highest byte first: "1234-ABCD", or 16 digits.
std::string Serial(Bytes start, size_t at, size_t size) {
  std::string bytes(At(start, at, size));
  std::reverse(bytes.begin(), bytes.end());
  std::string digits = HexEncode(bytes);
  for (char& c : digits) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  if (size == 4 && digits.size() == 8) digits.insert(4, "-");
  return digits;
}

Superblock Encrypted(Bytes start) {
  if (Has(start, 0, Bytes("LUKS\xba\xbe", 6))) {
    return {.type = "crypto_LUKS",
            .uuid = Text(At(start, 168, 40)),
            .label = Little(start, 7, 1) == 2 ? Text(At(start, 24, 48)) : ""};
  }
  if (Has(start, 3, "-FVE-FS-")) return {.type = "BitLocker", .uuid = "", .label = ""};
  return {};
}

Superblock Lvm(Bytes start) {
  for (size_t sector = 0; sector < 4 * 512; sector += 512) {
    if (!Has(start, sector, "LABELONE") || !Has(start, sector + 24, "LVM2 001")) continue;
    const uint64_t header = Little(start, sector + 20, 4);
    std::string uuid = header < 512 ? Text(At(start, sector + header, 32)) : "";
    if (uuid.size() == 32) {
      for (const size_t dash : {26, 22, 18, 14, 10, 6}) uuid.insert(dash, "-");
    }
    return {.type = "LVM2_member", .uuid = uuid, .label = ""};
  }
  return {};
}

Superblock Member(Bytes start) {
  for (const size_t at : {0, 4096}) {
    if (!Has(start, at, Bytes("\xfc\x4e\x2b\xa9", 4)) || Little(start, at + 4, 4) != 1) continue;
    return {.type = "linux_raid_member",
            .uuid = Uuid(start, at + 16),
            .label = Text(At(start, at + 32, 32))};
  }
  static constexpr Bytes kBcache("\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81",
                                 16);
  if (Has(start, 4096 + 24, kBcache)) {
    return {.type = "bcache", .uuid = Uuid(start, 4096 + 40), .label = ""};
  }
  return Lvm(start);
}

// ext2fs: super block at 1,024; what tells the three apart are features.
Superblock Ext(Bytes start) {
  constexpr size_t kAt = 1024;
  if (!Has(start, kAt + 56, Bytes("\x53\xef", 2))) return {};
  const uint64_t compatible = Little(start, kAt + 92, 4);
  const uint64_t incompatible = Little(start, kAt + 96, 4);
  const uint64_t read_only = Little(start, kAt + 100, 4);
  constexpr uint64_t kJournal = 0x4;
  constexpr uint64_t kJournalDevice = 0x8;
  constexpr uint64_t kOfExt3 = 0x2 | 0x4 | 0x10;
  constexpr uint64_t kReadOnlyOfExt2 = 0x7;
  const char* type = (compatible & kJournal) != 0 ? "ext3" : "ext2";
  if ((incompatible & ~kOfExt3) != 0 || (read_only & ~kReadOnlyOfExt2) != 0) type = "ext4";
  if ((incompatible & kJournalDevice) != 0) type = "jbd";
  return {.type = type, .uuid = Uuid(start, kAt + 104), .label = Text(At(start, kAt + 120, 16))};
}

Superblock Swap(Bytes start) {
  // The end of the first page, whose size is the machine's.
  for (const size_t page : {4 << 10, 8 << 10, 16 << 10, 64 << 10}) {
    const Bytes end = At(start, page - 10, 10);
    if (end == "SWAPSPACE2" || end == "SWAP-SPACE") {
      return {.type = "swap", .uuid = Uuid(start, 1036), .label = Text(At(start, 1052, 16))};
    }
  }
  return {};
}

Superblock Fat(Bytes start) {
  if (!Has(start, 510, Bytes("\x55\xaa", 2))) return {};
  const auto label = [&](size_t at) {
    std::string text = Text(At(start, at, 11));
    return text == "NO NAME" ? std::string() : text;
  };
  if (Has(start, 82, "FAT32   ")) {
    return {.type = "vfat", .uuid = Serial(start, 67, 4), .label = label(71)};
  }
  if (Has(start, 54, "FAT12   ") || Has(start, 54, "FAT16   ") || Has(start, 54, "FAT     ")) {
    return {.type = "vfat", .uuid = Serial(start, 39, 4), .label = label(43)};
  }
  if (Has(start, 3, "EXFAT   ")) {
    return {.type = "exfat", .uuid = Serial(start, 100, 4), .label = ""};
  }
  if (Has(start, 3, "NTFS    ")) return {.type = "ntfs", .uuid = Serial(start, 72, 8), .label = ""};
  return {};
}

Superblock FileSystem(Bytes start) {
  if (Has(start, 0, "XFSB")) {
    return {.type = "xfs", .uuid = Uuid(start, 32), .label = Text(At(start, 108, 12))};
  }
  constexpr size_t kBtrfs = 64 << 10;
  if (Has(start, kBtrfs + 64, "_BHRfS_M")) {
    return {.type = "btrfs",
            .uuid = Uuid(start, kBtrfs + 32),
            .label = Text(At(start, kBtrfs + 299, 256))};
  }
  if (Has(start, 1024, Bytes("\x10\x20\xf5\xf2", 4))) {
    return {.type = "f2fs", .uuid = Uuid(start, 1024 + 108), .label = ""};
  }
  if (Has(start, 1024, Bytes("\xe2\xe1\xf5\xe0", 4))) {
    return {.type = "erofs", .uuid = Uuid(start, 1024 + 48), .label = ""};
  }
  if (Has(start, 0, "hsqs")) return {.type = "squashfs", .uuid = "", .label = ""};
  if (Has(start, 32769, "CD001")) {
    return {.type = "iso9660", .uuid = "", .label = Text(At(start, 32808, 32))};
  }
  return {};
}

}  // namespace

Superblock ParseSuperblock(std::string_view start) {
  for (Superblock (*const read)(Bytes) : {Encrypted, Member, Swap, Ext, FileSystem, Fat}) {
    Superblock found = read(start);
    if (!found.type.empty()) return found;
  }
  return {};
}

bool IsZfsLabel(std::string_view label) {
  static constexpr Bytes kMagic("\x0c\xb1\xba\x00\x00\x00\x00\x00", 8);  // 0x00bab10c
  std::string other(kMagic.rbegin(), kMagic.rend());
  for (size_t at = 0; at + kMagic.size() <= label.size(); at += 1024) {
    const Bytes word = label.substr(at, kMagic.size());
    if (word == kMagic || word == other) return true;
  }
  return false;
}

}  // namespace tom
