// LUKS1 and LUKS2 headers, read only. Own code, for libcryptsetup repairs a damaged copy while it
// reads. Sources: LUKS1 On-Disk Format Specification 1.2.3, LUKS2 On-Disk Format Specification
// 1.1.x (gitlab.com/cryptsetup). Pure; no key is ever looked at.
//
// A header is what somebody wrote on the disk: it says how the device is *meant* to be opened, not
// how a running kernel has opened it.
#ifndef TOM_CHECKS_PARSE_LUKS_HEADER_H_
#define TOM_CHECKS_PARSE_LUKS_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/parse/key_strength.h"

namespace tom {

// Where the two copies begin with, and the sizes that a copy of LUKS2 can have (powers of two).
inline constexpr std::string_view kLuksMagic("LUKS\xba\xbe", 6);
inline constexpr std::string_view kLuksSecondMagic("SKUL\xba\xbe", 6);
inline constexpr size_t kMinLuksCopyBytes = 16 << 10;
inline constexpr size_t kMaxLuksCopyBytes = 4 << 20;
// The most that a header can take.
inline constexpr size_t kMaxLuksBytes = 2 * kMaxLuksCopyBytes;
inline constexpr size_t kLuksStartBytes = 4096;

// One way to the volume key: a passphrase or key file, stretched by a KDF. Counts that are absent
// are not stated, or are no counts.
struct LuksKeySlot {
  std::string id;                     // "0"
  std::string type;                   // "luks1", "luks2", "reencrypt"
  bool opens = false;                 // leads to the key of a part that is in use
  std::string kdf;                    // "pbkdf2", "argon2i", "argon2id"; empty = not stated
  std::string hash;                   // of PBKDF2
  std::optional<int64_t> iterations;  // PBKDF2's, or Argon2's passes
  std::optional<int64_t> memory_kib;  // Argon2
  std::optional<int64_t> lanes;       // Argon2
  std::string token;                  // types of the tokens that name it, separated by blanks
};

struct LuksHeader {
  int version = 0;  // 1 or 2
  std::string uuid;
  std::string label;      // LUKS2
  std::string cipher;     // of the weakest part in use, "aes"; "" where a part is not encrypted
  std::string mode;       // "xts-plain64"
  std::string integrity;  // "hmac(sha256)"; empty = none
  int key_bytes = 0;      // of the volume key, without the integrity key; 0 = not stated
  KeyStrength strength;
  std::string copy;  // "primary" or "secondary"
  std::string note;  // what is odd: a damaged copy, a re-encryption under way; empty = nothing
  // LUKS2: why a copy does not count; empty = it is good. LUKS1 has one copy without a checksum; of
  // it what contradicts the format.
  std::string primary_problem;
  std::string secondary_problem;
  std::optional<int64_t> primary_sequence;  // of a good copy; beyond 2^63 absent
  std::optional<int64_t> secondary_sequence;
  std::vector<LuksKeySlot> slots;  // those that are in use, in the order of their ids
  bool reencrypting = false;       // a re-encryption has begun and not ended
  bool allows_discards = false;    // as a lasting flag of the header
};

// How many bytes from the device's start ParseLuksHeader wants, told from its first
// kLuksStartBytes: kMaxLuksBytes when the primary copy is damaged or absent.
size_t LuksHeaderBytes(std::string_view start);

// `bytes` from the start of the device. NotFound: nothing there begins as LUKS does.
// InvalidArgument says what is broken or not known, of each copy. A damaged primary LUKS2 copy is
// replaced by the secondary, which `copy` and `note` say; of two good ones the higher sequence
// number counts.
absl::StatusOr<LuksHeader> ParseLuksHeader(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_LUKS_HEADER_H_
