#include "evidence/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/test_pki.h"

namespace tom {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Purpose kPurposes[] = {Purpose::kCollectorTls, Purpose::kHostTls,  Purpose::kOperatorTls,
                                 Purpose::kOperator,     Purpose::kApprover, Purpose::kPublisher,
                                 Purpose::kPackSigner};
constexpr UnixSeconds kNow = 1800000000;  // 2027-01-15

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(Certificate, EachPurposeIsGoodForItselfAlone) {
  TestPki pki;
  for (const Purpose made : kPurposes) {
    const auto leaf = pki.IssueFor(made, std::string(PurposeName(made)));
    for (const Purpose asked : kPurposes) {
      const absl::Status status = VerifyCertificate(leaf.der, pki.ca().der, asked, kNow);
      EXPECT_EQ(status.ok(), made == asked)
          << PurposeName(made) << " as " << PurposeName(asked) << ": " << status;
    }
  }
}

TEST(Certificate, ReadsWhatIsInside) {
  TestPki pki;
  const auto leaf = pki.Issue("alice", PurposeUsages(Purpose::kOperator)[0],
                              "subjectAltName=URI:urn:tom:person:alice,DNS:x.example.org",
                              "20260101000000Z", "20270101000000Z");
  const auto info = ReadCertificatePem(leaf.cert_pem);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->subject, "CN=alice");
  EXPECT_EQ(info->common_name, "alice");
  EXPECT_THAT(info->uris, ElementsAre(PersonUri("alice")));
  EXPECT_EQ(info->usages, PurposeUsages(Purpose::kOperator));
  EXPECT_EQ(FormatUtc(info->not_before), "2026-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(info->not_after), "2027-01-01T00:00:00Z");
  EXPECT_FALSE(info->ca);
  EXPECT_EQ(info->spki, PrivateKey::FromPem(leaf.key_pem)->public_key().spki());
  EXPECT_FALSE(info->serial.empty());
  EXPECT_EQ(info->Fingerprint(), Sha256(leaf.der));
  EXPECT_EQ(DerToPem(leaf.der), leaf.cert_pem);
  EXPECT_TRUE(ReadCertificateDer(pki.ca().der)->ca);
}

TEST(Certificate, ValidityIsJudgedAtTheTimeAsked) {
  TestPki pki;
  const auto leaf = pki.Issue("p", PurposeUsages(Purpose::kPublisher)[0], "", "20260101000000Z",
                              "20270101000000Z");
  const UnixSeconds from = *ParseUtc("2026-01-01T00:00:00Z");
  const UnixSeconds to = *ParseUtc("2027-01-01T00:00:00Z");
  const auto at = [&](UnixSeconds t) {
    return VerifyCertificate(leaf.der, pki.ca().der, Purpose::kPublisher, t);
  };
  EXPECT_THAT(Message(at(from - 1)), HasSubstr("not yet valid"));
  EXPECT_TRUE(at(from).ok()) << at(from);
  EXPECT_TRUE(at(to - 1).ok()) << at(to - 1);
  EXPECT_THAT(Message(at(to + 1)), HasSubstr("expired"));
}

TEST(Certificate, ForeignIssuersAreRefused) {
  TestPki pki;
  const auto twin = pki.MakeCa("twin");
  const std::string usage = PurposeUsages(Purpose::kOperator)[0];
  const auto foreign =
      pki.Issue("foreign", usage, "", "20200101000000Z", "20491231235959Z", "twin");
  EXPECT_TRUE(VerifyCertificate(foreign.der, twin.der, Purpose::kOperator, kNow).ok());
  EXPECT_FALSE(VerifyCertificate(foreign.der, pki.ca().der, Purpose::kOperator, kNow).ok());
  // Issued by a leaf of the CA, offered with that leaf as the CA.
  const auto leaf = pki.Issue("leaf", usage, "basicConstraints=critical,CA:FALSE");
  const auto below = pki.Issue("below", usage, "", "20200101000000Z", "20491231235959Z", "leaf");
  EXPECT_FALSE(VerifyCertificate(below.der, leaf.der, Purpose::kOperator, kNow).ok());
  EXPECT_FALSE(VerifyCertificate(below.der, pki.ca().der, Purpose::kOperator, kNow).ok());
  // An intermediate CA is not the root.
  const auto middle = pki.Issue("middle", usage,
                                "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign");
  const auto under = pki.Issue("under", usage, "", "20200101000000Z", "20491231235959Z", "middle");
  EXPECT_FALSE(VerifyCertificate(under.der, middle.der, Purpose::kOperator, kNow).ok());
  EXPECT_FALSE(VerifyCertificate(middle.der, pki.ca().der, Purpose::kOperator, kNow).ok());
}

TEST(Certificate, OddLeavesAreRefused) {
  TestPki pki;
  const std::string usage = PurposeUsages(Purpose::kOperator)[0];
  const std::pair<const char*, TestPki::Identity> kCases[] = {
      {"no usage", pki.Issue("none", "")},
      {"any usage", pki.Issue("any", "anyExtendedKeyUsage")},
      {"one more usage", pki.Issue("more", usage + ",clientAuth")},
      {"another arc", pki.Issue("arc", usage + "1")},
      {"no signing", pki.Issue("nosign", usage, "keyUsage=critical,keyEncipherment")},
      {"the CA", pki.ca()}};
  for (const auto& [what, leaf] : kCases) {
    EXPECT_FALSE(VerifyCertificate(leaf.der, pki.ca().der, Purpose::kOperator, kNow).ok()) << what;
  }
}

TEST(Certificate, DerIsStrict) {
  TestPki pki;
  const std::string good = pki.ca().der;
  ASSERT_TRUE(ReadCertificateDer(good).ok());
  EXPECT_FALSE(ReadCertificateDer("").ok());
  EXPECT_FALSE(ReadCertificateDer(good + '\0').ok());
  EXPECT_FALSE(ReadCertificateDer(good.substr(0, good.size() - 1)).ok());
  EXPECT_FALSE(ReadCertificateDer(std::string(70000, '0')).ok());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    const auto info =
        ReadCertificateDer(bad);  // must not crash; what still reads is another certificate
    if (info.ok()) {
      EXPECT_EQ(info->der, bad);
    }
  }
}

TEST(Certificate, PemListsAreReadWhole) {
  TestPki pki;
  const std::string two = pki.ca().cert_pem + "text between\n" + pki.MakeCa("b").cert_pem;
  EXPECT_EQ(PemToDer(two)->size(), 2u);
  EXPECT_FALSE(PemToDer("").ok());
  EXPECT_FALSE(PemToDer(pki.ca().key_pem).ok());
  // A broken second certificate is not left out in silence.
  EXPECT_FALSE(PemToDer(two.substr(0, two.size() - 60)).ok());
  EXPECT_FALSE(
      PemToDer(pki.ca().cert_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
          .ok());
}

}  // namespace
}  // namespace tom
