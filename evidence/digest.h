// SHA-256, HMAC-SHA-256, and the text forms of bytes: lower-case hex and base64 (RFC 4648 section
// 4, padded). All functions are pure and thread-safe.
#ifndef TOM_EVIDENCE_DIGEST_H_
#define TOM_EVIDENCE_DIGEST_H_

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

// A SHA-256 value. Ordered by bytes, which is also the order of its hex form.
struct Digest {
  std::array<uint8_t, 32> bytes{};

  auto operator<=>(const Digest&) const = default;

  std::string Hex() const;
  // The raw 32 bytes; valid as long as the digest lives.
  std::string_view Raw() const;

  // Exactly 64 lower-case hex digits.
  static absl::StatusOr<Digest> FromHex(std::string_view hex);
  // Exactly 32 bytes.
  static absl::StatusOr<Digest> FromRaw(std::string_view raw);
};

Digest Sha256(std::string_view bytes);

// Hashes what comes in pieces, so that nothing large has to be in memory.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void Add(std::string_view bytes);
  // Ends the stream; nothing may be added afterwards.
  Digest Finish();

 private:
  void* context_;  // EVP_MD_CTX
};

Digest HmacSha256(std::string_view key, std::string_view message);
// The first 16 bytes of the HMAC as 32 hex digits: ids and salts (records.md).
std::string Hmac16Hex(std::string_view key, std::string_view message);

std::string HexEncode(std::string_view bytes);
// Lower-case hex only, an even number of digits.
absl::StatusOr<std::string> HexDecode(std::string_view hex);

std::string Base64Encode(std::string_view bytes);
// Strict: the alphabet, the padding and zero pad bits; what Base64Encode would not write is
// refused.
absl::StatusOr<std::string> Base64Decode(std::string_view text);

// `count` bytes from the operating system's generator; aborts when it fails, for nothing may go on
// without it.
std::string RandomBytes(size_t count);
// 16 random bytes as 32 hex digits: opaque ids and random salts.
std::string RandomId();

bool IsLowerHex(std::string_view text, size_t digits);
bool IsUtf8(std::string_view bytes);

}  // namespace tom

template <>
struct std::hash<tom::Digest> {
  size_t operator()(const tom::Digest& digest) const noexcept {
    size_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | digest.bytes[i];
    return value;
  }
};

#endif  // TOM_EVIDENCE_DIGEST_H_
