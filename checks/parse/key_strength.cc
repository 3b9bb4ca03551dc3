#include "checks/parse/key_strength.h"

#include <algorithm>

namespace tom {
namespace {

struct Cipher {
  std::string_view name;
  std::string_view shown;
  int bits[3];  // the key sizes it has; 0 = none
  bool short_blocks = false;
};

// Sources: the kernel's crypto/ folder, min_keysize and max_keysize of each.
constexpr Cipher kCiphers[] = {
    {"aes", "AES", {128, 192, 256}},
    {"serpent", "Serpent", {128, 192, 256}},
    {"twofish", "Twofish", {128, 192, 256}},
    {"camellia", "Camellia", {128, 192, 256}},
    {"aria", "ARIA", {128, 192, 256}},
    {"anubis", "Anubis", {128, 192, 256}},
    {"cast6", "CAST-256", {128, 192, 256}},
    {"sm4", "SM4", {128, 0, 0}},
    {"aegis128", "AEGIS-128", {128, 0, 0}},
    {"aegis256", "AEGIS-256", {256, 0, 0}},
    {"chacha20", "ChaCha20", {256, 0, 0}},
    {"xchacha12,aes", "XChaCha12", {256, 0, 0}},
    {"xchacha20,aes", "XChaCha20", {256, 0, 0}},
    {"blowfish", "Blowfish", {128, 192, 256}, true},
    {"cast5", "CAST5", {128, 0, 0}, true},
    {"des3_ede", "3DES", {192, 0, 0}, true},
    {"des", "DES", {64, 0, 0}, true},
};

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// "NAME(INNER)" -> INNER; empty when it has another form.
std::string_view Inner(std::string_view text, std::string_view name) {
  if (!StartsWith(text, name) || text.size() < name.size() + 3 || text[name.size()] != '(' ||
      text.back() != ')') {
    return {};
  }
  return text.substr(name.size() + 1, text.size() - name.size() - 2);
}

bool IsPlainName(std::string_view text) {
  return text.find_first_of("()") == std::string_view::npos;
}

// The kernel's own spelling, "authenc(hmac(sha256),xts(aes))", as a cipher and a mode; both empty
// when it is of no known form.
std::pair<std::string_view, std::string_view> FromKernelName(std::string_view text, int depth = 0) {
  if (depth > 4) return {};
  if (const std::string_view both = Inner(text, "authenc"); !both.empty()) {
    const size_t comma = both.find("),");
    if (comma == std::string_view::npos) return {};
    return FromKernelName(both.substr(comma + 2), depth + 1);
  }
  if (const std::string_view essiv = Inner(text, "essiv"); !essiv.empty()) {
    return FromKernelName(essiv.substr(0, essiv.rfind(',')), depth + 1);
  }
  for (const std::string_view mode : {"xts", "cbc", "ecb", "lrw", "ctr", "gcm", "adiantum"}) {
    const std::string_view cipher = Inner(text, mode);
    if (!cipher.empty() && IsPlainName(cipher)) return {cipher, mode};
  }
  return {};
}

// Bytes of the key that are the cipher's own; 0 for a mode that is not known.
int CipherKeyBytes(std::string_view mode, int key_bytes) {
  if (mode == "xts") return key_bytes % 2 == 0 ? key_bytes / 2 : 0;
  if (mode == "lrw") return key_bytes - 16;  // one block tweaks
  for (const std::string_view whole :
       {"cbc", "ecb", "ctr", "pcbc", "gcm", "adiantum", "random", "hctr2"}) {
    if (mode == whole) return key_bytes;
  }
  return 0;
}

std::string WeaknessOf(const Cipher& cipher, std::string_view mode, std::string_view iv) {
  if (cipher.short_blocks) return std::string(cipher.shown) + " has blocks of 64 bits";
  if (mode == "ecb") return "mode ECB shows equal blocks";
  if (mode == "ctr") return "mode CTR reuses its key stream when a sector is written again";
  if (mode == "cbc" && iv == "null") return "every sector has the same initialisation vector";
  return "";
}

KeyStrength Judge(std::string_view cipher, std::string_view mode, std::string_view iv,
                  int key_bytes) {
  const auto found = std::find_if(std::begin(kCiphers), std::end(kCiphers),
                                  [&](const Cipher& known) { return known.name == cipher; });
  if (found == std::end(kCiphers)) return {};
  const int bits = CipherKeyBytes(mode, key_bytes) * 8;
  const auto size = std::find(std::begin(found->bits), std::end(found->bits), bits);
  if (bits <= 0 || size == std::end(found->bits)) return {};
  KeyStrength strength;
  const bool one_size = found->bits[1] == 0;
  strength.algorithm = std::string(found->shown) + (one_size ? "" : "-" + std::to_string(bits));
  if (mode == "adiantum") {
    strength.algorithm += "-Adiantum";
  } else if (mode != "random") {
    strength.algorithm += "-" + Upper(mode);
  }
  // NIST SP 800-67: three keys of 56 bits give 112; a DES key has 56.
  strength.bits = cipher == "des3_ede" ? 112 : cipher == "des" ? 56 : bits;
  strength.weakness = WeaknessOf(*found, mode, iv);
  return strength;
}

int Rank(const KeyStrength& strength) {
  if (!strength.bits.has_value()) return 1;
  if (*strength.bits == 0) return 0;
  return strength.weakness.empty() ? 3 : 2;
}

}  // namespace

KeyStrength RealKeyBits(std::string_view cipher, std::string_view mode, int key_bytes) {
  if (cipher == "cipher_null" || cipher == "null" || cipher == "capi:ecb(cipher_null)") {
    return {.algorithm = "none", .bits = 0, .weakness = "the cipher is cipher_null"};
  }
  if (key_bytes <= 0 || key_bytes > 512) return {};
  if (StartsWith(cipher, "capi:")) {
    const auto [inner, inner_mode] = FromKernelName(cipher.substr(5));
    if (inner == "cipher_null") return RealKeyBits(inner, "", key_bytes);
    return Judge(inner, inner_mode, mode, key_bytes);
  }
  if (mode.empty()) mode = "cbc-plain";  // dm-crypt's own default for a bare name
  const size_t dash = std::min(mode.find('-'), mode.size());
  const std::string_view iv = dash < mode.size() ? mode.substr(dash + 1) : std::string_view();
  return Judge(cipher, mode.substr(0, dash), iv, key_bytes);
}

std::pair<std::string, std::string> SplitEncryption(std::string_view encryption) {
  size_t from = 0;
  if (StartsWith(encryption, "capi:")) {
    const size_t closing = encryption.rfind(')');
    if (closing != std::string_view::npos) from = closing;
  }
  const size_t dash = encryption.find('-', from);
  if (dash == std::string_view::npos) return {std::string(encryption), ""};
  return {std::string(encryption.substr(0, dash)), std::string(encryption.substr(dash + 1))};
}

std::optional<int> IntegrityKeyBytes(std::string_view integrity) {
  struct Named {
    std::string_view name;
    int bytes;
  };
  static constexpr Named kKnown[] = {
      {"", 0},           {"none", 0},           {"aead", 0},          {"poly1305", 0},
      {"crc32", 0},      {"crc32c", 0},         {"xxhash64", 0},      {"sha1", 0},
      {"sha256", 0},     {"hmac(sha1)", 20},    {"hmac(sha256)", 32}, {"hmac(sha512)", 64},
      {"cmac(aes)", 16}, {"phmac(sha256)", 32}, {"phmac(sha512)", 64}};
  for (const Named& known : kKnown) {
    if (known.name == integrity) return known.bytes;
  }
  return std::nullopt;
}

int CompareStrength(const KeyStrength& a, const KeyStrength& b) {
  if (Rank(a) != Rank(b)) return Rank(a) - Rank(b);
  return a.bits.value_or(0) - b.bits.value_or(0);
}

}  // namespace tom
