#include "checks/parse/fscrypt_policy.h"

#include <gtest/gtest.h>
#include <linux/fscrypt.h>

#include <cstring>

namespace tom {
namespace {

// As the kernel's own header lays them out.
std::string Version1(uint8_t contents, uint8_t filenames) {
  fscrypt_policy_v1 policy;
  std::memset(&policy, 0x11, sizeof(policy));
  policy.version = FSCRYPT_POLICY_V1;
  policy.contents_encryption_mode = contents;
  policy.filenames_encryption_mode = filenames;
  return {reinterpret_cast<const char*>(&policy), sizeof(policy)};
}

std::string Version2(uint8_t contents, uint8_t filenames) {
  fscrypt_policy_v2 policy;
  std::memset(&policy, 0x22, sizeof(policy));
  policy.version = FSCRYPT_POLICY_V2;
  policy.contents_encryption_mode = contents;
  policy.filenames_encryption_mode = filenames;
  return {reinterpret_cast<const char*>(&policy), sizeof(policy)};
}

TEST(FscryptPolicy, TellsModesAndTheWeakerOfTwo) {
  struct Case {
    uint8_t contents;
    uint8_t filenames;
    const char* shown;
    const char* algorithm;
    int bits;  // -1 = not known
  };
  const Case cases[] = {
      {FSCRYPT_MODE_AES_256_XTS, FSCRYPT_MODE_AES_256_CTS, "AES-256-XTS AES-256-CTS", "AES-256-XTS",
       256},
      {FSCRYPT_MODE_AES_128_CBC, FSCRYPT_MODE_AES_128_CTS, "AES-128-CBC AES-128-CTS", "AES-128-CBC",
       128},
      {FSCRYPT_MODE_AES_256_XTS, FSCRYPT_MODE_AES_128_CTS, "AES-256-XTS AES-128-CTS", "AES-128-CTS",
       128},
      {FSCRYPT_MODE_ADIANTUM, FSCRYPT_MODE_ADIANTUM, "XChaCha12-Adiantum XChaCha12-Adiantum",
       "XChaCha12-Adiantum", 256},
      {FSCRYPT_MODE_AES_256_XTS, 10, "AES-256-XTS AES-256-HCTR2", "AES-256-XTS", 256},
      {7, 8, "SM4-XTS SM4-CTS", "SM4-XTS", 128},
      {99, FSCRYPT_MODE_AES_256_CTS, "mode 99 AES-256-CTS", "", -1},
      {FSCRYPT_MODE_AES_256_XTS, 0, "AES-256-XTS mode 0", "", -1},
  };
  for (const Case& c : cases) {
    for (const std::string& bytes :
         {Version1(c.contents, c.filenames), Version2(c.contents, c.filenames)}) {
      const auto policy = ParseFscryptPolicy(bytes);
      ASSERT_TRUE(policy.ok()) << c.shown << policy.status();
      EXPECT_EQ(policy->version, bytes[0] == 0 ? 1 : 2);
      EXPECT_EQ(policy->contents + " " + policy->filenames, c.shown);
      EXPECT_EQ(policy->strength.algorithm, c.algorithm) << c.shown;
      EXPECT_EQ(policy->strength.bits.value_or(-1), c.bits) << c.shown;
      EXPECT_EQ(policy->key,
                bytes[0] == 0 ? "1111111111111111" : "22222222222222222222222222222222");
    }
  }
}

TEST(FscryptPolicy, RefusesWhatItDoesNotKnow) {
  const std::string one = Version1(1, 4);
  const std::string two = Version2(1, 4);
  std::string three = two;
  three[0] = 3;
  std::string negative = two;
  negative[0] = static_cast<char>(0x82);
  std::string first_named_one = one;
  first_named_one[0] = 1;
  for (const std::string& bytes :
       {std::string(), one.substr(1), one + "x", two.substr(0, 12), two + "x", three, negative,
        first_named_one, std::string(24, '\0')}) {
    EXPECT_FALSE(ParseFscryptPolicy(bytes).ok()) << bytes.size();
  }
}

}  // namespace
}  // namespace tom
