#include "evidence/cms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "evidence/openssl_ptr.h"
#include "evidence/test_pki.h"
#include "evidence/timestamp.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

constexpr char kContent[] = "<manifest/>\r\n";
constexpr char kStampOid[] = "1.2.840.113549.1.9.16.2.14";

std::string Message(const absl::StatusOr<DetachedSignature>& result) {
  return std::string(result.status().message());
}

// `der` with an unsigned attribute, as CAdES level B-T puts the stamp there.
std::string WithUnsigned(const std::string& der, const std::string& oid, const std::string& value) {
  const unsigned char* at = Bytes(der);
  const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
  CMS_unsigned_add1_attr_by_txt(info, oid.c_str(), V_ASN1_SEQUENCE, value.data(),
                                static_cast<int>(value.size()));
  return ToDer<i2d_CMS_ContentInfo>(cms.get());
}

class CmsTest : public ::testing::Test {
 protected:
  TestPki pki_;
  const TestPki::Identity signer_ = pki_.IssueFor(Purpose::kPackSigner, "signer");
};

TEST_F(CmsTest, GoodSignatureGivesSignerAndTime) {
  const auto before = static_cast<UnixSeconds>(time(nullptr));
  // With and without S/MIME capabilities: a further attribute that the signer vouches for.
  for (const char* options : {"-cades -md sha256 -nosmimecap", "-cades -md sha256"}) {
    const auto result = VerifyDetachedCms(pki_.SignCms(signer_, kContent, options), kContent);
    ASSERT_TRUE(result.ok()) << options << result.status();
    EXPECT_EQ(result->signer_der, signer_.der);
    EXPECT_GE(result->signing_time, before);
    EXPECT_LE(result->signing_time, static_cast<UnixSeconds>(time(nullptr)));
    EXPECT_FALSE(result->token.has_value());
    EXPECT_TRUE(VerifyCertificate(result->signer_der, pki_.ca().der, Purpose::kPackSigner,
                                  result->signing_time)
                    .ok());
  }
}

TEST_F(CmsTest, SignatureTimeStampIsHandedOut) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const std::string plain = pki_.SignCms(signer_, kContent);
  const Digest imprint = Sha256(VerifyDetachedCms(plain, kContent)->signature);
  const std::string token = pki_.Stamp(tsa, imprint);
  const auto result = VerifyDetachedCms(WithUnsigned(plain, kStampOid, token), kContent);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->token.has_value());
  EXPECT_EQ(*result->token, token);
  EXPECT_TRUE(VerifyTimeStamp(*result->token, Sha256(result->signature), {pki_.ca().der}).ok());
}

// The openssl program accepts several of these; a pack's signature must not be one of them.
TEST_F(CmsTest, RefusesEveryOtherShape) {
  const auto tls = pki_.IssueFor(Purpose::kCollectorTls, "tls");
  const auto both = pki_.Issue("both", "1.3.6.1.5.5.7.3.36,clientAuth");
  const std::string certs = " -certfile " + pki_.Path("ca.pem");
  const std::string second =
      " -signer " + pki_.Path("both.pem") + " -inkey " + pki_.Path("both.key");
  const struct {
    const TestPki::Identity& signer;
    std::string options;
    const char* problem;
  } kCases[] = {{signer_, "-noattr -md sha256", "no signed attributes"},
                {signer_, "-md sha256", "no signing-certificate-v2"},
                {signer_, "-cades -md sha256 -nodetach", "not detached"},
                {signer_, "-cades -md sha512", "not ECDSA with SHA-256"},
                {signer_, "-cades -md sha1", "not ECDSA with SHA-256"},
                {signer_, "-cades -md sha256 -nocerts", "exactly one certificate"},
                {signer_, "-cades -md sha256" + certs, "exactly one certificate"},
                {signer_, "-cades -md sha256" + second, "exactly one signer"},
                {signer_, "-cades -md sha256 -keyid", "one DER spelling"},
                {tls, "-cades -md sha256", "document signing"},
                {both, "-cades -md sha256", "document signing"}};
  for (const auto& c : kCases) {
    EXPECT_THAT(Message(VerifyDetachedCms(pki_.SignCms(c.signer, kContent, c.options), kContent)),
                HasSubstr(c.problem))
        << c.options;
  }
}

TEST_F(CmsTest, ContentIsBoundAsItIs) {
  const std::string good = pki_.SignCms(signer_, kContent);
  for (const char* other : {"", "<manifest/>\n", "<manifest/>\r\n ", "<manifest />\r\n"}) {
    EXPECT_THAT(Message(VerifyDetachedCms(good, other)), HasSubstr("does not verify")) << other;
  }
  EXPECT_TRUE(VerifyDetachedCms(pki_.SignCms(signer_, ""), "").ok());
}

TEST_F(CmsTest, SurplusUnsignedAttributesAreRefused) {
  const std::string plain = pki_.SignCms(signer_, kContent);
  const std::string sequence("\x30\x03\x02\x01\x01", 5);
  EXPECT_THAT(Message(VerifyDetachedCms(WithUnsigned(plain, "1.2.3.4", sequence), kContent)),
              HasSubstr("unsigned attributes"));
  const std::string twice =
      WithUnsigned(WithUnsigned(plain, kStampOid, sequence), kStampOid, sequence);
  EXPECT_FALSE(VerifyDetachedCms(twice, kContent).ok());
}

// No bit of the whole structure can be flipped unseen, inside or outside what is signed.
TEST_F(CmsTest, EveryBitCounts) {
  const std::string good = pki_.SignCms(signer_, kContent);
  const Digest signer = Sha256(signer_.der);
  std::string accepted;
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    const auto result = VerifyDetachedCms(bad, kContent);
    // A certificate with another bit is another certificate, whose own signature the caller checks.
    if (result.ok() && Sha256(result->signer_der) == signer) accepted += std::to_string(i) + " ";
    if (result.ok()) {
      EXPECT_FALSE(VerifyCertificate(result->signer_der, pki_.ca().der, Purpose::kPackSigner,
                                     result->signing_time)
                       .ok())
          << "bit " << i;
    }
  }
  EXPECT_EQ(accepted, "");
  EXPECT_FALSE(VerifyDetachedCms(good + '\0', kContent).ok());
  EXPECT_FALSE(VerifyDetachedCms(good.substr(0, good.size() - 1), kContent).ok());
  EXPECT_FALSE(VerifyDetachedCms("", kContent).ok());
  EXPECT_THAT(Message(VerifyDetachedCms(std::string(300000, '0'), kContent)), HasSubstr("256 KiB"));
}

}  // namespace
}  // namespace tom
