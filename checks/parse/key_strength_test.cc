#include "checks/parse/key_strength.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

constexpr int kNotKnown = -1;

struct Case {
  const char* encryption;
  int key_bytes;
  int bits;
  const char* algorithm;
  bool weak = false;
};

TEST(RealKeyBits, CountsWhatHidesTheData) {
  const Case cases[] = {
      {"aes-xts-plain64", 64, 256, "AES-256-XTS"},
      {"aes-xts-plain64", 32, 128, "AES-128-XTS"},
      {"aes-xts-plain64", 48, 192, "AES-192-XTS"},
      {"aes-xts-plain64", 33, kNotKnown, ""},
      {"aes-xts-plain64", 128, kNotKnown, ""},
      {"aes-cbc-essiv:sha256", 32, 256, "AES-256-CBC"},
      {"aes-cbc-essiv:sha256", 16, 128, "AES-128-CBC"},
      {"aes", 32, 256, "AES-256-CBC"},
      {"aes-cbc-null", 32, 256, "AES-256-CBC", true},
      {"aes-ecb", 32, 256, "AES-256-ECB", true},
      {"aes-lrw-benbi", 48, 256, "AES-256-LRW"},
      {"aes-lrw-benbi", 32, 128, "AES-128-LRW"},
      {"aes:64-cbc-lmk", 64, kNotKnown, ""},
      {"serpent-xts-plain64", 64, 256, "Serpent-256-XTS"},
      {"twofish-cbc-plain", 20, kNotKnown, ""},
      {"camellia-xts-plain64", 32, 128, "Camellia-128-XTS"},
      {"xchacha12,aes-adiantum-plain64", 32, 256, "XChaCha12-Adiantum"},
      {"xchacha20,aes-adiantum-plain64", 16, kNotKnown, ""},
      {"chacha20-random", 32, 256, "ChaCha20"},
      {"aegis128-random", 16, 128, "AEGIS-128"},
      {"des3_ede-cbc-plain", 24, 112, "3DES-CBC", true},
      {"blowfish-cbc-plain", 32, 256, "Blowfish-256-CBC", true},
      {"cipher_null-ecb", 32, 0, "none", true},
      {"cipher_null", 16, 0, "none", true},
      {"rot13-xts-plain64", 64, kNotKnown, ""},
      {"aes-xyz-plain64", 64, kNotKnown, ""},
      {"capi:xts(aes)-plain64", 32, 128, "AES-128-XTS"},
      {"capi:cbc(aes)-essiv:sha256", 32, 256, "AES-256-CBC"},
      {"capi:essiv(cbc(aes),sha256)-plain64", 32, 256, "AES-256-CBC"},
      {"capi:authenc(hmac(sha256),xts(aes))-random", 64, 256, "AES-256-XTS"},
      {"capi:adiantum(xchacha20,aes)-plain64", 32, 256, "XChaCha20-Adiantum"},
      {"capi:ecb(cipher_null)-plain", 32, 0, "none", true},
      {"capi:xts-aes-aesni-plain64", 64, kNotKnown, ""},
      {"capi:essiv(essiv(essiv(essiv(essiv(essiv(cbc(aes),a),a),a),a),a),a)-x", 32, kNotKnown, ""},
      {"capi:authenc(x)-random", 32, kNotKnown, ""},
      {"", 32, kNotKnown, ""},
      {"-", 32, kNotKnown, ""},
      {"aes-xts-plain64", 0, kNotKnown, ""},
      {"aes-xts-plain64", -64, kNotKnown, ""},
      {"aes-lrw-benbi", 8, kNotKnown, ""},
  };
  for (const Case& c : cases) {
    const auto [cipher, mode] = SplitEncryption(c.encryption);
    const KeyStrength strength = RealKeyBits(cipher, mode, c.key_bytes);
    const std::string where = std::string(c.encryption) + " " + std::to_string(c.key_bytes);
    EXPECT_EQ(strength.bits.value_or(kNotKnown), c.bits) << where;
    EXPECT_EQ(strength.algorithm, c.algorithm) << where;
    EXPECT_EQ(!strength.weakness.empty(), c.weak) << where << ": " << strength.weakness;
  }
}

TEST(CompareStrength, NoneThenUnknownThenWeakThenBits) {
  const KeyStrength none{.algorithm = "none", .bits = 0, .weakness = "x"};
  const KeyStrength unknown;
  const KeyStrength weak{.algorithm = "a", .bits = 256, .weakness = "x"};
  const KeyStrength small{.algorithm = "a", .bits = 128, .weakness = ""};
  const KeyStrength large{.algorithm = "a", .bits = 256, .weakness = ""};
  const KeyStrength* ordered[] = {&none, &unknown, &weak, &small, &large};
  for (size_t i = 0; i < 5; ++i) {
    for (size_t j = 0; j < 5; ++j) {
      EXPECT_EQ(CompareStrength(*ordered[i], *ordered[j]) < 0, i < j) << i << " " << j;
    }
  }
}

TEST(IntegrityKeyBytes, AreOfTheVolumeKey) {
  EXPECT_EQ(IntegrityKeyBytes("hmac(sha256)"), 32);
  EXPECT_EQ(IntegrityKeyBytes("aead"), 0);
  EXPECT_EQ(IntegrityKeyBytes("something"), std::nullopt);
}

}  // namespace
}  // namespace tom
