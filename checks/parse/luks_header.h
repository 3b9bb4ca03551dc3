// LUKS1 and LUKS2 headers, read only. Own code, for libcryptsetup repairs a damaged copy while it
// reads. Sources: LUKS1 On-Disk Format Specification 1.2.3, LUKS2 On-Disk Format Specification
// 1.1.x (gitlab.com/cryptsetup). Pure; no key is ever looked at.
//
// A header is what somebody wrote on the disk: it says how the device is *meant* to be opened, not
// how a running kernel has opened it.
#ifndef TOM_CHECKS_PARSE_LUKS_HEADER_H_
#define TOM_CHECKS_PARSE_LUKS_HEADER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "checks/parse/key_strength.h"

namespace tom {

// The most that a header can take: two copies of 4 MiB.
inline constexpr size_t kMaxLuksBytes = 8 << 20;
inline constexpr size_t kLuksStartBytes = 4096;

struct LuksHeader {
  int version = 0;  // 1 or 2
  std::string uuid;
  std::string cipher;     // of the weakest part in use, "aes"; "" where a part is not encrypted
  std::string mode;       // "xts-plain64"
  std::string integrity;  // "hmac(sha256)"; empty = none
  int key_bytes = 0;      // of the volume key, without the integrity key; 0 = not stated
  KeyStrength strength;
  std::string copy;  // "primary" or "secondary"
  std::string note;  // what is odd: a damaged copy, a re-encryption under way; empty = nothing
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
