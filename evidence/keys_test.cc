#include "evidence/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>

namespace tom {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(Keys, SignaturesVerifyAndBindTheMessage) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kEd25519}) {
    const PrivateKey key = *PrivateKey::Generate(kind);
    const PrivateKey other = *PrivateKey::Generate(kind);
    for (const std::string& message :
         {std::string(), std::string("a\0b", 3), std::string(9999, 'x')}) {
      const std::string signature = *key.Sign(message);
      EXPECT_TRUE(key.public_key().Verify(message, signature).ok());
      EXPECT_FALSE(key.public_key().Verify(message + "x", signature).ok());
      EXPECT_FALSE(other.public_key().Verify(message, signature).ok());
      for (size_t i = 0; i < signature.size(); ++i) {
        std::string bad = signature;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        EXPECT_FALSE(key.public_key().Verify(message, bad).ok()) << "byte " << i;
      }
      EXPECT_FALSE(key.public_key().Verify(message, signature + '\0').ok());
      EXPECT_FALSE(key.public_key().Verify(message, signature.substr(1)).ok());
      EXPECT_FALSE(key.public_key().Verify(message, "").ok());
    }
  }
}

TEST(Keys, Ed25519OfRfc8032) {
  // RFC 8032 section 7.1, test 2.
  const PublicKey key = *PublicKey::FromEd25519Raw(
      *HexDecode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  EXPECT_TRUE(
      key.Verify("\x72",
                 *HexDecode("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"))
          .ok());
  EXPECT_EQ(HexEncode(key.Ed25519Raw()).substr(0, 8), "3d4017c3");
}

// n - s in place of s: the same signature to OpenSSL, another envelope to us.
std::string OtherS(const std::string& der) {
  const size_t r_size = static_cast<uint8_t>(der[3]);
  const std::string r = der.substr(2, 2 + r_size);
  const std::string s = der.substr(4 + r_size + 2);
  BIGNUM* order = nullptr;
  BN_hex2bn(&order, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
  BIGNUM* value = BN_bin2bn(reinterpret_cast<const unsigned char*>(s.data()),
                            static_cast<int>(s.size()), nullptr);
  BN_sub(value, order, value);
  std::string bytes(static_cast<size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(order);
  BN_free(value);
  if ((bytes[0] & 0x80) != 0) bytes.insert(bytes.begin(), '\0');
  const std::string body = r + '\x02' + static_cast<char>(bytes.size()) + bytes;
  return std::string("\x30") + static_cast<char>(body.size()) + body;
}

TEST(Keys, EcdsaHasOneSpelling) {
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kP256);
  for (int i = 0; i < 64; ++i) {
    const std::string signature = *key.Sign("m");
    ASSERT_TRUE(key.public_key().Verify("m", signature).ok());
    EXPECT_THAT(Message(key.public_key().Verify("m", OtherS(signature))), HasSubstr("not low"));
    ASSERT_TRUE(key.public_key().Verify("m", OtherS(OtherS(signature))).ok());
    std::string long_length = signature;  // 30 81 len: BER, not DER
    long_length.insert(1, 1, '\x81');
    EXPECT_THAT(Message(key.public_key().Verify("m", long_length)), HasSubstr("DER"));
  }
}

TEST(Keys, EcdsaRefusesDegenerateNumbers) {
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kP256);
  for (const char* hex : {"3006020100020100", "3006020101020100", "3006020100020101",
                          "30060201ff020101", "30060201010201ff", "3000", "30030201010"}) {
    const auto der = HexDecode(hex);
    EXPECT_FALSE(key.public_key().Verify("m", der.ok() ? *der : hex).ok()) << hex;
  }
}

TEST(Keys, PemAndSpkiRoundTrip) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kEd25519}) {
    const PrivateKey key = *PrivateKey::Generate(kind);
    EXPECT_THAT(key.ToPem(), HasSubstr("BEGIN PRIVATE KEY"));
    const auto back = PrivateKey::FromPem(key.ToPem());
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->public_key().spki(), key.public_key().spki());
    EXPECT_EQ(back->public_key().kind(), kind);
    const auto spki = PublicKey::FromSpki(key.public_key().spki());
    ASSERT_TRUE(spki.ok()) << spki.status();
    EXPECT_EQ(spki->KeyId(), key.public_key().KeyId());
    EXPECT_TRUE(spki->Verify("m", *back->Sign("m")).ok());
  }
}

TEST(Keys, SpkiIsStrict) {
  const std::string good = PrivateKey::Generate(KeyKind::kP256)->public_key().spki();
  std::string off_curve = good;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  std::string compressed = good.substr(0, 26) + '\x02' + good.substr(27, 32);
  for (const std::string& bad :
       {std::string(), good + '\0', good.substr(0, 90), off_curve, compressed,
        good.substr(0, 26) + '\x06' + good.substr(27), std::string(91, '0')}) {
    EXPECT_FALSE(PublicKey::FromSpki(bad).ok()) << HexEncode(bad);
  }
  EXPECT_FALSE(PublicKey::FromEd25519Raw("short").ok());
}

TEST(Keys, ForeignPemIsRefused) {
  for (const char* bad :
       {"", "garbage", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}) {
    EXPECT_FALSE(PrivateKey::FromPem(bad).ok()) << bad;
    EXPECT_FALSE(PublicKey::FromPem(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tom
