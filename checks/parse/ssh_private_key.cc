#include "checks/parse/ssh_private_key.h"

#include <cstdint>

namespace tom {
namespace {

constexpr size_t kMaxDecoded = 4096;
constexpr std::string_view kMagic("openssh-key-v1\0", 15);

// Base64 up to what is none, at most kMaxDecoded bytes; line breaks are passed over.
std::string Decode(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos || bytes.size() >= kMaxDecoded) break;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

bool TakeString(std::string_view& bytes, std::string_view& text) {
  if (bytes.size() < 4) return false;
  uint32_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(bytes[i]);
  if (size > bytes.size() - 4) return false;
  text = bytes.substr(4, size);
  bytes.remove_prefix(4 + size);
  return true;
}

// PROTOCOL.key of OpenSSH: cipher, kdf and its options, count of keys, the first public key.
SshPrivateKey ReadOpenSsh(std::string_view body) {
  SshPrivateKey key;
  const std::string decoded = Decode(body);
  std::string_view bytes = decoded;
  std::string_view cipher, kdf, options, blob, type;
  if (!bytes.starts_with(kMagic)) return key;
  bytes.remove_prefix(kMagic.size());
  if (!TakeString(bytes, cipher) || !TakeString(bytes, kdf) || !TakeString(bytes, options))
    return key;
  key.encrypted = cipher != "none";
  if (bytes.size() < 4) return key;
  bytes.remove_prefix(4);
  if (TakeString(bytes, blob) && TakeString(blob, type) && type.size() < 64 &&
      type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-@.") == std::string_view::npos)
    key.type = type;
  return key;
}

}  // namespace

std::optional<SshPrivateKey> ParseSshPrivateKey(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const size_t begin = text.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(begin + kBegin.size());
  const size_t name_end = rest.find("-----");
  if (name_end == std::string_view::npos || name_end > 40) return std::nullopt;
  const std::string_view name = rest.substr(0, name_end);
  const size_t line_end = rest.find('\n');
  const std::string_view body =
      line_end == std::string_view::npos ? std::string_view() : rest.substr(line_end + 1);
  if (name == "OPENSSH PRIVATE KEY") return ReadOpenSsh(body);
  if (name == "ENCRYPTED PRIVATE KEY") return SshPrivateKey{"", true};
  if (name == "PRIVATE KEY") return SshPrivateKey{"", false};
  struct Old {
    std::string_view name, type;
  };
  for (const Old& old : {Old{"RSA PRIVATE KEY", "rsa"}, Old{"DSA PRIVATE KEY", "dsa"},
                         Old{"EC PRIVATE KEY", "ecdsa"}}) {
    if (name != old.name) continue;
    const bool encrypted = body.substr(0, 200).find("ENCRYPTED") != std::string_view::npos;
    return SshPrivateKey{std::string(old.type), encrypted};
  }
  return std::nullopt;
}

}  // namespace tom
