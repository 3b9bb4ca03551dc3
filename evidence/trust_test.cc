#include "evidence/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/checkpoint.h"
#include "evidence/test_pki.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

TEST(Trust, PartsMustFit) {
  TestPki pki;
  const auto publisher = pki.IssueFor(Purpose::kPublisher, "publisher");
  const auto operator_ = pki.IssueFor(Purpose::kOperator, "operator");
  const PrivateKey key = *PrivateKey::Generate(KeyKind::kEd25519);
  const PrivateKey other = *PrivateKey::Generate(KeyKind::kEd25519);
  const Checkpoint first{"log.example.org", 0, Sha256("")};
  const Trust good{pki.ca().cert_pem, EncodeVkey("log.example.org", key.public_key()),
                   "log.example.org", *SignCheckpoint(first, key), publisher.cert_pem};
  const auto back = ParseTrust(EncodeTrust(good));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(EncodeTrust(*back), EncodeTrust(good));

  const auto problem = [&](const auto& change) {
    Trust trust = good;
    change(trust);
    return std::string(ParseTrust(EncodeTrust(trust)).status().message());
  };
  EXPECT_THAT(problem([&](Trust& t) { t.ca_pem = publisher.cert_pem; }),
              HasSubstr("trust.ca: not a CA"));
  EXPECT_THAT(problem([&](Trust& t) { t.ca_pem += t.ca_pem; }),
              HasSubstr("trust.ca: expected one"));
  EXPECT_THAT(problem([&](Trust& t) { t.ca_pem = "x"; }), HasSubstr("trust.ca: "));
  EXPECT_THAT(problem([&](Trust& t) { t.publisher_pem = operator_.cert_pem; }),
              HasSubstr("trust.publisher: not"));
  EXPECT_THAT(problem([&](Trust& t) { t.log_vkey = "x"; }), HasSubstr("trust.log: vkey"));
  EXPECT_THAT(problem([&](Trust& t) { t.origin = "other"; }),
              HasSubstr("trust.log: the key's name"));
  EXPECT_THAT(
      problem([&](Trust& t) { t.log_vkey = EncodeVkey("log.example.org", other.public_key()); }),
      HasSubstr("trust.checkpoint: "));
  std::string extended = EncodeTrust(good);
  EXPECT_FALSE(ParseTrust(extended + "\n").ok());
  extended.insert(extended.size() - 1, R"(,"w":1)");
  EXPECT_THAT(std::string(ParseTrust(extended).status().message()), HasSubstr("trust.w: unknown"));
  EXPECT_FALSE(ParseTrust("").ok());
}

}  // namespace
}  // namespace tom
