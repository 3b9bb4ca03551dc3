// What protects the bytes of one device, file system or swap area, and how two such findings
// combine.
#ifndef TOM_CHECKS_TABLES_STORAGE_STATE_H_
#define TOM_CHECKS_TABLES_STORAGE_STATE_H_

#include <optional>
#include <string>

#include "checks/parse/key_strength.h"

namespace tom {

struct StorageState {
  enum class Cover {
    kPlain,      // no encryption was found, all the way down
    kUnknown,    // `error` says why
    kEncrypted,  // how strongly may still be unknown
    kMemory,     // is never written to a disk
  };

  Cover cover = Cover::kUnknown;
  std::string method;  // "LUKS2", "LUKS1", "plain dm-crypt", …; empty when not encrypted
  std::string cipher;  // "aes-xts-plain64"
  KeyStrength strength;
  std::optional<int> least_bits;  // the fewest that are known of any part, 0 = some part is plain
  int luks_version = 0;
  std::string header_source;  // "/dev/sda2, primary copy"
  std::string cipher_source;  // who says cipher and key: "header", "kernel"; empty = nobody
  std::string layer;          // the device that decides, "sda2"
  std::string dm_name;        // of that device, where it is a mapping
  std::string error;
  std::string note;
  bool provider_disk = false;  // plain, on a disk that a hypervisor or cloud provides
};

StorageState UnknownState(std::string layer, std::string error);

// Encrypted by name, but by a cipher that hides nothing.
bool HidesNothing(const StorageState& state);

// Below zero when `a` protects less: nothing, unknown, encrypted in an unknown way, weak, by bits,
// memory.
int CompareStates(const StorageState& a, const StorageState& b);

// Data on both: what protects less counts, and what is known to be weak of the other stays known.
// Data under both, one above the other: what protects
// more.
StorageState WeakerOf(StorageState a, StorageState b);
StorageState StrongerOf(const StorageState& a, const StorageState& b);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_STORAGE_STATE_H_
