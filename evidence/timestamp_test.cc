#include "evidence/timestamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "evidence/test_pki.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::StatusOr<TimeStamp>& stamp) {
  return std::string(stamp.status().message());
}

class TimeStampTest : public ::testing::Test {
 protected:
  TestPki pki_;
  const Digest imprint_ = Sha256("checkpoint text\n");
  const std::vector<std::string> trusted_ = {pki_.ca().der};
};

TEST_F(TimeStampTest, GoodTokensGiveTimeAndAuthority) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const auto before = static_cast<UnixSeconds>(time(nullptr));
  for (const char* query : {" -cert -sha256", " -cert -sha256 -no_nonce", " -sha256"}) {
    const std::string token = pki_.Stamp(tsa, imprint_, query);
    // Without -cert the token has no certificate; the authority's own is then what is trusted.
    const bool bare = std::string_view(query).find("-cert") == std::string_view::npos;
    const auto stamp = VerifyTimeStamp(
        token, imprint_, bare ? std::vector<std::string>{pki_.ca().der, tsa.der} : trusted_);
    ASSERT_TRUE(stamp.ok()) << query << stamp.status();
    EXPECT_GE(stamp->time, before);
    EXPECT_LE(stamp->time, static_cast<UnixSeconds>(time(nullptr)));
    EXPECT_EQ(stamp->authority, "CN=tsa");
    if (bare) {
      EXPECT_FALSE(VerifyTimeStamp(token, imprint_, trusted_).ok());
    }
  }
}

TEST_F(TimeStampTest, TheStampingCertificateItselfCanBeTrusted) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const auto stamp = VerifyTimeStamp(pki_.Stamp(tsa, imprint_), imprint_, {tsa.der});
  EXPECT_TRUE(stamp.ok()) << stamp.status();
}

TEST_F(TimeStampTest, SelfSignedAuthority) {
  pki_.Run(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=own"
      " -addext keyUsage=critical,digitalSignature"
      " -addext extendedKeyUsage=critical,timeStamping -keyout " +
      pki_.Path("own.key") + " -out " + pki_.Path("own.pem"));
  const std::string der = PemToDer(pki_.Read("own.pem"))->front();
  const std::string token = pki_.Stamp({"own", "", "", der}, imprint_);
  // `req -x509` adds basicConstraints CA:TRUE, which does not keep a time-stamping certificate from
  // being one.
  const auto stamp = VerifyTimeStamp(token, imprint_, {der});
  EXPECT_TRUE(stamp.ok()) << stamp.status();
}

// Most public authorities sign with RSA.
TEST_F(TimeStampTest, RsaAuthorities) {
  for (const auto& [bits, good] : {std::pair(2048, true), std::pair(1024, false)}) {
    pki_.Run("req -x509 -sha256 -newkey rsa:" + std::to_string(bits) +
             " -nodes -days 9 -subj /CN=rsa -addext keyUsage=critical,digitalSignature"
             " -addext extendedKeyUsage=critical,timeStamping -keyout " +
             pki_.Path("rsa.key") + " -out " + pki_.Path("rsa.pem"));
    const std::string der = PemToDer(pki_.Read("rsa.pem"))->front();
    const auto stamp = VerifyTimeStamp(pki_.Stamp({"rsa", "", "", der}, imprint_), imprint_, {der});
    EXPECT_EQ(stamp.ok(), good) << bits << ": " << stamp.status();
  }
}

// A certificate of the same CA for anything but time-stamping alone, critical, cannot stamp.
TEST_F(TimeStampTest, OnlyCertificatesForTimeStamping) {
  pki_.IssueAuthority("tsa");
  const std::string token = pki_.Stamp({"tsa", "", "", ""}, imprint_);
  // The program refuses to stamp with such certificates, so the trusted anchor plays the wrong one:
  // same key, other use.
  for (const char* usage : {"timeStamping", "critical,timeStamping,clientAuth", "clientAuth"}) {
    pki_.Write("other.ext", std::string("extendedKeyUsage=") + usage + "\n");
    pki_.Run("x509 -req -in " + pki_.Path("tsa.csr") + " -CA " + pki_.Path("ca.pem") + " -CAkey " +
             pki_.Path("ca.key") + " -set_serial 0x" + HexEncode("s") + " -days 9 -extfile " +
             pki_.Path("other.ext") + " -out " + pki_.Path("other.pem"));
    const std::string other = PemToDer(pki_.Read("other.pem"))->front();
    EXPECT_FALSE(VerifyTimeStamp(token, imprint_, {other}).ok()) << usage;
  }
}

TEST_F(TimeStampTest, OtherBytesAndOtherDigests) {
  const auto tsa = pki_.IssueAuthority("tsa");
  EXPECT_THAT(Message(VerifyTimeStamp(pki_.Stamp(tsa, imprint_), Sha256("other"), trusted_)),
              HasSubstr("other bytes"));
  pki_.Write("data", "checkpoint text\n");
  const std::string sha512 = pki_.Stamp(tsa, imprint_,
                                        " -cert -sha512 >/dev/null 2>&1; openssl ts "
                                        "-query -cert -sha512 -data " +
                                            pki_.Path("data"));
  EXPECT_THAT(Message(VerifyTimeStamp(sha512, imprint_, trusted_)), HasSubstr("not SHA-256"));
}

TEST_F(TimeStampTest, ForeignAuthorities) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const std::string token = pki_.Stamp(tsa, imprint_);
  EXPECT_THAT(Message(VerifyTimeStamp(token, imprint_, {pki_.MakeCa("twin").der})),
              HasSubstr("signer"));
  EXPECT_THAT(Message(VerifyTimeStamp(token, imprint_, {})), HasSubstr("no authority"));
  EXPECT_FALSE(VerifyTimeStamp(token, imprint_, {"garbage"}).ok());
}

TEST_F(TimeStampTest, AuthorityMustHaveBeenValidAtTheTokensTime) {
  const auto future = pki_.IssueAuthority("future", "20480101000000Z", "20490101000000Z");
  EXPECT_THAT(Message(VerifyTimeStamp(pki_.Stamp(future, imprint_), imprint_, trusted_)),
              HasSubstr("not yet valid"));
  const auto past = pki_.IssueAuthority("past", "20200101000000Z", "20210101000000Z");
  EXPECT_THAT(Message(VerifyTimeStamp(pki_.Stamp(past, imprint_), imprint_, trusted_)),
              HasSubstr("expired"));
}

TEST_F(TimeStampTest, AccuracyIsBounded) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const auto with = [&](const std::string& accuracy) {
    return VerifyTimeStamp(pki_.Stamp(tsa, imprint_, " -cert -sha256", "accuracy=" + accuracy),
                           imprint_, trusted_);
  };
  EXPECT_TRUE(with("secs:60, millisecs:500").ok());
  EXPECT_TRUE(with("millisecs:5").ok());
  EXPECT_THAT(Message(with("secs:61")), HasSubstr("accuracy"));
}

// Every changed bit must be seen: nothing in a token is outside the signature and yet ignored.
TEST_F(TimeStampTest, EveryBitCounts) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const std::string token = pki_.Stamp(tsa, imprint_);
  std::string accepted;
  for (size_t i = 0; i < token.size() * 8; ++i) {
    std::string bad = token;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    if (VerifyTimeStamp(bad, imprint_, trusted_).ok()) accepted += std::to_string(i) + " ";
  }
  EXPECT_EQ(accepted, "");
  for (const size_t size : {size_t{0}, size_t{1}, token.size() / 2, token.size() - 1}) {
    EXPECT_FALSE(VerifyTimeStamp(token.substr(0, size), imprint_, trusted_).ok()) << size;
  }
  EXPECT_THAT(Message(VerifyTimeStamp(token + '\0', imprint_, trusted_)), HasSubstr("trailing"));
  EXPECT_THAT(Message(VerifyTimeStamp(std::string(70000, '0'), imprint_, trusted_)),
              HasSubstr("64 KiB"));
}

TEST_F(TimeStampTest, ChainInsideIsFineSurplusIsNot) {
  const auto tsa = pki_.IssueAuthority("tsa");
  const std::string with_root =
      pki_.Stamp(tsa, imprint_, " -cert -sha256", "certs=" + pki_.Path("ca.pem"));
  EXPECT_TRUE(VerifyTimeStamp(with_root, imprint_, trusted_).ok());
  // The anchor is the leaf; the root above it is self-signed and issued it.
  EXPECT_TRUE(VerifyTimeStamp(with_root, imprint_, {tsa.der}).ok());
  pki_.IssueAuthority("bystander");
  const std::string surplus =
      pki_.Stamp(tsa, imprint_, " -cert -sha256", "certs=" + pki_.Path("bystander.pem"));
  EXPECT_THAT(Message(VerifyTimeStamp(surplus, imprint_, trusted_)), HasSubstr("surplus"));
}

TEST_F(TimeStampTest, WholeResponseIsNotAToken) {
  const auto tsa = pki_.IssueAuthority("tsa");
  pki_.Stamp(tsa, imprint_);
  pki_.Run("ts -reply -config " + pki_.Path("ts.cnf") + " -queryfile " + pki_.Path("ts.tsq") +
           " -signer " + pki_.Path("tsa.pem") + " -inkey " + pki_.Path("tsa.key") + " -out " +
           pki_.Path("ts.tsr"));
  EXPECT_FALSE(VerifyTimeStamp(pki_.Read("ts.tsr"), imprint_, trusted_).ok());
  // An ordinary CMS signature of the authority's key is no time-stamp either.
  EXPECT_FALSE(
      VerifyTimeStamp(pki_.SignCms(tsa, "x", "-nodetach -cades -md sha256"), imprint_, trusted_)
          .ok());
}

}  // namespace
}  // namespace tom
