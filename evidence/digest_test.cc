#include "evidence/digest.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(Digest, KnownValues) {
  // FIPS 180-4 examples.
  EXPECT_EQ(Sha256("").Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc").Hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, StreamEqualsWhole) {
  Sha256Stream stream;
  stream.Add("a");
  stream.Add("");
  stream.Add("bc");
  EXPECT_EQ(stream.Finish(), Sha256("abc"));
}

TEST(Digest, HmacKnownValues) {
  // RFC 4231 test case 2, and the value of empty key and message.
  EXPECT_EQ(HmacSha256("Jefe", "what do ya want for nothing?").Hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HmacSha256("", "").Hex(),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(HmacSha256(std::string_view(), std::string_view()), HmacSha256("", ""));
  EXPECT_EQ(Hmac16Hex("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7");
}

TEST(Digest, HexFormIsExact) {
  const Digest digest = Sha256("abc");
  ASSERT_TRUE(Digest::FromHex(digest.Hex()).ok());
  EXPECT_EQ(*Digest::FromHex(digest.Hex()), digest);
  EXPECT_EQ(*Digest::FromRaw(digest.Raw()), digest);
  const std::string hex = digest.Hex();
  for (const std::string& bad : {std::string(), hex.substr(1), hex + "0", "A" + hex.substr(1),
                                 " " + hex.substr(1), "g" + hex.substr(1)}) {
    EXPECT_FALSE(Digest::FromHex(bad).ok()) << bad;
  }
  EXPECT_FALSE(Digest::FromRaw(digest.Raw().substr(1)).ok());
}

TEST(Digest, OrderIsThatOfHex) {
  const Digest low = *Digest::FromHex(std::string(62, '0') + "ff");
  const Digest high = *Digest::FromHex("80" + std::string(62, '0'));
  EXPECT_LT(low, high);
  EXPECT_LT(low.Hex(), high.Hex());
}

TEST(Base64, Rfc4648Vectors) {
  const struct {
    std::string_view bytes, text;
  } kCases[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {{"\xfb\xff\x00", 3}, "+/8A"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(Base64Encode(c.bytes), c.text);
    ASSERT_TRUE(Base64Decode(c.text).ok()) << c.text;
    EXPECT_EQ(*Base64Decode(c.text), c.bytes) << c.text;
  }
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "Zg==\n", "Zm-v",
                          "Zm_v", " Zm9", "====", "A===", "Z=g=", "Zm9vYg==Zg=="}) {
    EXPECT_FALSE(Base64Decode(bad).ok()) << bad;
  }
  EXPECT_FALSE(Base64Decode(std::string_view("Zg\0=", 4)).ok());
}

TEST(Hex, RoundTripAndRefusals) {
  const std::string all("\x00\x01\x7f\x80\xff", 5);
  EXPECT_EQ(HexEncode(all), "00017f80ff");
  EXPECT_EQ(*HexDecode("00017f80ff"), all);
  for (const char* bad : {"0", "0G", "FF", "0x", " 0"}) EXPECT_FALSE(HexDecode(bad).ok()) << bad;
  EXPECT_TRUE(IsLowerHex("0af9", 4));
  EXPECT_FALSE(IsLowerHex("0aF9", 4));
  EXPECT_FALSE(IsLowerHex("0af", 4));
}

TEST(Utf8, AcceptsExactlyWellFormedSequences) {
  for (const std::string_view good :
       {std::string_view(""), std::string_view("a\0b", 3), std::string_view("\xC2\x80"),
        std::string_view("\xE0\xA0\x80"), std::string_view("\xED\x9F\xBF"),
        std::string_view("\xEE\x80\x80"), std::string_view("\xF0\x90\x80\x80"),
        std::string_view("\xF4\x8F\xBF\xBF")}) {
    EXPECT_TRUE(IsUtf8(good)) << HexEncode(good);
  }
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3(",
        "\xC2\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad)) << HexEncode(bad);
  }
}

TEST(Random, IdsDiffer) {
  EXPECT_TRUE(IsLowerHex(RandomId(), 32));
  EXPECT_NE(RandomId(), RandomId());
  EXPECT_TRUE(RandomBytes(0).empty());
}

}  // namespace
}  // namespace tom
