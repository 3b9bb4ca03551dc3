// The kernel's encryption policy of a directory or file: union fscrypt_policy of linux/fscrypt.h
// (kernel: filesystems/fscrypt). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_FSCRYPT_POLICY_H_
#define TOM_CHECKS_PARSE_FSCRYPT_POLICY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "checks/parse/key_strength.h"

namespace tom {

struct FscryptPolicy {
  int version = 0;        // 1 or 2
  std::string contents;   // mode of the files' content, "AES-256-XTS"
  std::string filenames;  // mode of their names, "AES-256-CTS"
  KeyStrength strength;   // of the weaker of the two
  std::string key;        // id of the master key, hex; not the key
};

// InvalidArgument: another length than the stated version's, or a version that is not known. A mode
// that is not known leaves the strength unknown.
absl::StatusOr<FscryptPolicy> ParseFscryptPolicy(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_FSCRYPT_POLICY_H_
