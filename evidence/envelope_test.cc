#include "evidence/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/canonical_json.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

TEST(Envelope, PreAuthEncodingOfTheSpecification) {
  // github.com/secure-systems-lab/dsse, protocol.md "Test Vectors".
  EXPECT_EQ(PreAuthEncoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(PreAuthEncoding("", ""), "DSSEv1 0  0 ");
}

TEST(Envelope, SignsVerifiesAndTravels) {
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kP256);
  const Envelope envelope = *SignEnvelope("payload", key);
  EXPECT_TRUE(VerifyEnvelope(envelope, key.public_key()).ok());
  EXPECT_EQ(envelope.keyid, key.public_key().KeyId().Hex());
  const auto back = EnvelopeFromJson(EnvelopeToJson(envelope));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->payload, envelope.payload);
  EXPECT_TRUE(VerifyEnvelope(*back, key.public_key()).ok());
  Envelope altered = envelope;
  altered.payload += ' ';
  EXPECT_FALSE(VerifyEnvelope(altered, key.public_key()).ok());
  EXPECT_FALSE(VerifyEnvelope(envelope, PrivateKey::Generate(KeyKind::kP256)->public_key()).ok());
}

TEST(Envelope, KeyidSelectsNothing) {
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kP256);
  Envelope envelope = *SignEnvelope("payload", key);
  envelope.keyid = std::string(64, '0');
  EXPECT_TRUE(VerifyEnvelope(envelope, key.public_key()).ok());
  EXPECT_EQ(envelope.StatementDigest(), StatementDigest("payload"));
}

TEST(Envelope, SignatureOverBarePayloadIsRefused) {
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kEd25519);
  const Envelope envelope{"payload", *key.Sign("payload"), key.public_key().KeyId().Hex()};
  EXPECT_FALSE(VerifyEnvelope(envelope, key.public_key()).ok());
}

TEST(Envelope, JsonIsStrict) {
  const std::string id(64, 'a');
  const std::string signature = R"({"keyid":")" + id + R"(","sig":"Zg=="})";
  const auto with = [](const std::string& type, const std::string& signatures) {
    return R"({"payload":"Zg==","payloadType":")" + type + R"(","signatures":)" + signatures + "}";
  };
  const std::string type(kPayloadType);
  ASSERT_TRUE(EnvelopeFromJson(with(type, "[" + signature + "]")).ok());
  const std::pair<std::string, const char*> kCases[] = {
      {with("application/json", "[" + signature + "]"), "payloadType"},
      {with(type, "[" + signature + "," + signature + "]"), "exactly one"},
      {with(type, "{}"), "envelope.signatures"},
      {with(type, "[1]"), "signatures[0]"},
      {with(type, R"([{"keyid":"aa","sig":"Zg=="}])"), "keyid"},
      {with(type, R"([{"keyid":")" + id + R"(","sig":""}])"), "sig: empty"},
      {with(type, R"([{"cert":"","keyid":")" + id + R"(","sig":"Zg=="}])"), "unknown field"},
      {R"({"payload":"Zg==","payloadType":")" + type + "\"}", "signatures: missing"},
      {with(type, "[" + signature + "]") + "\n", "trailing"}};
  for (const auto& [json, problem] : kCases) {
    EXPECT_THAT(std::string(EnvelopeFromJson(json).status().message()), HasSubstr(problem)) << json;
  }
  EXPECT_FALSE(EnvelopeFromJson(std::string(13 << 20, ' ')).ok());
}

}  // namespace
}  // namespace tom
