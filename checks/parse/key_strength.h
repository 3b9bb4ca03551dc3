// What a disk cipher really is worth: names alone prove nothing (aes-xts with 256 key bits is
// AES-128). Names as in dm-crypt's table (kernel: admin-guide/device-mapper/dm-crypt) and
// cryptsetup(8). Pure.
#ifndef TOM_CHECKS_PARSE_KEY_STRENGTH_H_
#define TOM_CHECKS_PARSE_KEY_STRENGTH_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tom {

struct KeyStrength {
  std::string algorithm;    // "AES-128-XTS", "XChaCha20-Adiantum", "none"; empty = not known
  std::optional<int> bits;  // of the key that hides the data; 0 = no encryption; absent = not known
  std::string weakness;     // why the bits do not count for what they say; empty = nothing known
};

// `cipher` and `mode` as LUKS1 keeps them apart: "aes" and "xts-plain64", "capi:xts(aes)" and
// "plain64". `key_bytes` is the volume key without an integrity key.
KeyStrength RealKeyBits(std::string_view cipher, std::string_view mode, int key_bytes);

// "aes-xts-plain64" -> {"aes", "xts-plain64"}; "capi:xts(aes)-plain64" -> {"capi:xts(aes)",
// "plain64"}.
std::pair<std::string, std::string> SplitEncryption(std::string_view encryption);

// Bytes of the volume key that authenticate instead of hiding: 32 for "hmac(sha256)", 0 for "none",
// "aead", "poly1305"; absent when the name is not known.
std::optional<int> IntegrityKeyBytes(std::string_view integrity);

// Below zero when `a` protects less than `b`: none, unknown, weak, then by bits.
int CompareStrength(const KeyStrength& a, const KeyStrength& b);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_KEY_STRENGTH_H_
