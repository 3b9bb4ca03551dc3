#include "evidence/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::array<int8_t, 256> Base64Values() {
  std::array<int8_t, 256> values;
  values.fill(-1);
  for (size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<uint8_t>(kBase64[i])] = static_cast<int8_t>(i);
  }
  return values;
}

// Length of the well-formed UTF-8 sequence at the front of `s` (Unicode 15 table 3-7), 0 if there
// is none.
size_t Utf8Length(std::string_view s) {
  const auto at = [&](size_t i) { return i < s.size() ? static_cast<uint8_t>(s[i]) : 0; };
  const auto tail = [&](size_t i) { return (at(i) & 0xC0) == 0x80; };
  const uint8_t a = at(0);
  const uint8_t b = at(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if (a == 0xE0 && b < 0xA0) return 0;
    if (a == 0xED && b > 0x9F) return 0;  // surrogates
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (a == 0xF0 && b < 0x90) return 0;
    if (a == 0xF4 && b > 0x8F) return 0;  // above U+10FFFF
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

EVP_MD_CTX* Context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

// Looked up once: EVP_sha256() is searched for under a lock at every use (OpenSSL 3, crypto(7)
// "ALGORITHM FETCHING"), which costs as much as hashing a row.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (method == nullptr) std::abort();
  return method;
}

}  // namespace

std::string Digest::Hex() const { return HexEncode(Raw()); }

std::string_view Digest::Raw() const {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

absl::StatusOr<Digest> Digest::FromHex(std::string_view hex) {
  if (!IsLowerHex(hex, 64)) return BadData("a digest is 64 lower-case hex digits");
  return FromRaw(*HexDecode(hex));
}

absl::StatusOr<Digest> Digest::FromRaw(std::string_view raw) {
  Digest digest;
  if (raw.size() != digest.bytes.size()) return BadData("a digest is 32 bytes");
  std::memcpy(digest.bytes.data(), raw.data(), raw.size());
  return digest;
}

Digest Sha256(std::string_view bytes) {
  Digest digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.bytes.data(), nullptr, Sha256Method(),
                 nullptr) != 1) {
    std::abort();  // out of memory or a broken provider: no digest may be invented
  }
  return digest;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(Context(context_), Sha256Method(), nullptr) != 1) {
    std::abort();
  }
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(Context(context_)); }

void Sha256Stream::Add(std::string_view bytes) {
  if (EVP_DigestUpdate(Context(context_), bytes.data(), bytes.size()) != 1) std::abort();
}

Digest Sha256Stream::Finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(Context(context_), digest.bytes.data(), nullptr) != 1) std::abort();
  return digest;
}

Digest HmacSha256(std::string_view key, std::string_view message) {
  Digest digest;
  unsigned int size = 0;
  if (key.data() == nullptr) key = "";  // OpenSSL takes a null key for "as before"
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           digest.bytes.data(), &size) == nullptr) {
    std::abort();
  }
  return digest;
}

std::string Hmac16Hex(std::string_view key, std::string_view message) {
  return HmacSha256(key, message).Hex().substr(0, 32);
}

std::string HexEncode(std::string_view bytes) {
  std::string hex(bytes.size() * 2, '0');
  size_t at = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    hex[at++] = kHexDigits[byte >> 4];
    hex[at++] = kHexDigits[byte & 15];
  }
  return hex;
}

absl::StatusOr<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) return BadData("an odd number of hex digits");
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexValue(hex[i]);
    const int low = HexValue(hex[i + 1]);
    if (high < 0 || low < 0) return BadData("not a lower-case hex digit");
    bytes[i / 2] = static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string Base64Encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < have ? static_cast<uint8_t>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      text.push_back(j <= have ? kBase64[group >> (18 - 6 * j) & 63] : '=');
    }
  }
  return text;
}

absl::StatusOr<std::string> Base64Decode(std::string_view text) {
  static const std::array<int8_t, 256> values = Base64Values();
  if (text.size() % 4 != 0) return BadData("base64: the length is not a multiple of 4");
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    size_t have = 4;
    if (i + 4 == text.size()) {
      if (text[i + 3] == '=') have = 3;
      if (have == 3 && text[i + 2] == '=') have = 2;
    }
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      const int value = j < have ? values[static_cast<uint8_t>(text[i + j])] : 0;
      if (value < 0) return BadData("base64: a character outside the alphabet");
      group = group << 6 | static_cast<uint32_t>(value);
    }
    if ((have == 2 && (group & 0xFFFF) != 0) || (have == 3 && (group & 0xFF) != 0)) {
      return BadData("base64: pad bits that are not zero");
    }
    for (size_t j = 0; j + 1 < have; ++j) {
      bytes.push_back(static_cast<char>(group >> (16 - 8 * j) & 255));
    }
  }
  return bytes;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    std::abort();
  }
  return bytes;
}

std::string RandomId() { return HexEncode(RandomBytes(16)); }

bool IsLowerHex(std::string_view text, size_t digits) {
  if (text.size() != digits) return false;
  for (const char c : text) {
    if (HexValue(c) < 0) return false;
  }
  return true;
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace tom
