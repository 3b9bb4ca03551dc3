#include "collector/ingest/enrolment.h"

#include <gtest/gtest.h>

#include "collector/server/test_collector.h"

namespace tom {
namespace {

class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest()
      : key_(PrivateKey::Generate(KeyKind::kP256).value()),
        tls_(PrivateKey::Generate(KeyKind::kP256).value()) {}

  EnrolmentDesk& desk() { return box_.collector->enrolment(); }

  Envelope Signed(const Enrolment& enrolment, const PrivateKey& key) {
    return SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), key).value();
  }

  TestCollector box_;
  const PrivateKey key_;
  const PrivateKey tls_;
};

TEST_F(EnrolmentTest, CertifiesTheTlsKeyForTheHostAlone) {
  ASSERT_TRUE(box_.Authorise("secret").ok());
  const auto offer = desk().Begin("secret", "web-1");
  ASSERT_TRUE(offer.ok()) << offer.status();
  EXPECT_EQ(desk().Begin("secret", "web-1")->host, offer->host) << "spends nothing";
  const Envelope envelope = Signed(box_.EnrolmentFor(*offer, "web-1", key_), key_);
  const auto grant = desk().Finish("secret", envelope, MakeCsr(tls_));
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_EQ(grant->controllers, std::vector<std::string>{"controller-a"});
  EXPECT_TRUE(VerifyCertificate(grant->certificate, box_.host_ca().certificate, Purpose::kHostTls,
                                TestCollector::kStart)
                  .ok());
  const auto info = ReadCertificateDer(grant->certificate);
  EXPECT_EQ(info->uris, std::vector<std::string>{HostUri(offer->host)});
  EXPECT_EQ(info->spki, tls_.public_key().spki());
  // The same again: the same answer, although the token is spent.
  const auto again = desk().Finish("secret", envelope, MakeCsr(tls_));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->certificate, grant->certificate);
  // Another key with the spent token.
  const PrivateKey other = PrivateKey::Generate(KeyKind::kP256).value();
  const auto refused = desk().Finish(
      "secret", Signed(box_.EnrolmentFor(*offer, "web-1", other), other), MakeCsr(tls_));
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status()));
  EXPECT_EQ(refused.status().message(), "token spent");
  EXPECT_EQ(desk().Begin("secret", "web-1").status().message(), "token spent");
}

TEST_F(EnrolmentTest, RefusesWhatTheAuthorisationDoesNotCover) {
  ASSERT_TRUE(box_.Authorise("secret", 5, 1000).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(desk().Begin("other", "web-1").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(desk().Begin(std::string(10'000, 'x'), "web-1").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(desk().Begin("secret", "db-1").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(desk().Begin("secret", "").status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(desk().Begin("secret", std::string("web-1\0x", 7)).status()));
  box_.clock.Advance(1000);
  EXPECT_EQ(desk().Begin("secret", "web-1").status().message().substr(0, 13), "token expired");
}

TEST_F(EnrolmentTest, RefusesForgedEnrolments) {
  ASSERT_TRUE(box_.Authorise("secret", 5).ok());
  ASSERT_TRUE(box_.Authorise("another", 5).ok());
  const auto offer = desk().Begin("secret", "web-1");
  ASSERT_TRUE(offer.ok());
  const Enrolment good = box_.EnrolmentFor(*offer, "web-1", key_);
  const PrivateKey other = PrivateKey::Generate(KeyKind::kP256).value();
  const std::string csr = MakeCsr(tls_);
  Enrolment chosen = good;
  chosen.host = std::string(32, '7');
  Enrolment elsewhere = good;
  elsewhere.common.ledger = "other.example.org/t";
  Enrolment system = good;
  system.system = "db-1";
  std::string broken = csr;
  broken.back() = static_cast<char>(broken.back() ^ 1);
  const struct {
    const char* name;
    std::string token;
    Envelope envelope;
    std::string csr;
    absl::StatusCode code;
  } cases[] = {
      {"not signed with its key", "secret", Signed(good, other), csr,
       absl::StatusCode::kPermissionDenied},
      {"a host id of its own choice", "secret", Signed(chosen, key_), csr,
       absl::StatusCode::kAborted},
      {"another ledger", "secret", Signed(elsewhere, key_), csr,
       absl::StatusCode::kInvalidArgument},
      {"a system not covered", "secret", Signed(system, key_), csr,
       absl::StatusCode::kPermissionDenied},
      {"under another token", "another", Signed(good, key_), csr,
       absl::StatusCode::kInvalidArgument},
      {"TLS key is the identity key", "secret", Signed(good, key_), MakeCsr(key_),
       absl::StatusCode::kInvalidArgument},
      {"broken csr", "secret", Signed(good, key_), broken, absl::StatusCode::kInvalidArgument},
      {"csr with a trailing byte", "secret", Signed(good, key_), csr + "x",
       absl::StatusCode::kInvalidArgument},
      {"no csr", "secret", Signed(good, key_), "", absl::StatusCode::kInvalidArgument},
  };
  for (const auto& test : cases) {
    const auto refused = desk().Finish(test.token, test.envelope, test.csr);
    EXPECT_EQ(refused.status().code(), test.code) << test.name << ": " << refused.status();
  }
  EXPECT_TRUE(desk().Finish("secret", Signed(good, key_), csr).ok());
  // One identity key is one host.
  const auto second = desk().Begin("secret", "web-2");
  const auto twice =
      desk().Finish("secret", Signed(box_.EnrolmentFor(*second, "web-2", key_), key_), csr);
  EXPECT_TRUE(absl::IsAlreadyExists(twice.status())) << twice.status();
}

}  // namespace
}  // namespace tom
