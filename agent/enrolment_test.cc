#include "agent/enrolment.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <functional>
#include <optional>

#include "agent/state_file.h"
#include "agent/testing_host.h"
#include "evidence/checkpoint.h"
#include "evidence/merkle.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/test_pki.h"

namespace tom {
namespace {

const std::string kHost(32, 'a');
const std::string kSecret(32, 's');

// The collector's side of an enrolment, with a real CA.
class FakeDesk : public EnrolmentClient {
 public:
  explicit FakeDesk(TestPki& pki)
      : pki_(pki), log_(PrivateKey::Generate(KeyKind::kEd25519).value()) {
    publisher_ = pki.IssueFor(Purpose::kPublisher, "publisher");
  }

  absl::StatusOr<BeginAnswer> Begin(const std::string& secret, const std::string&) override {
    ++begins;
    if (secret != kSecret) return absl::UnauthenticatedError("no such token");
    if (expired) return absl::PermissionDeniedError("the token expired");
    if (spent_by_) return absl::PermissionDeniedError("the token is spent");
    return BeginAnswer{ledger, std::string(64, 'b'), kHost};
  }

  absl::StatusOr<FinishAnswer> Finish(const std::string&, const Envelope& statement,
                                      const std::string& csr) override {
    ++finishes;
    if (down > 0) {
      --down;
      return absl::UnavailableError("the collector is down");
    }
    const auto parsed = ParseKindStatement(statement.payload);
    const auto enrolment = EnrolmentFrom(parsed->predicate);
    const auto key = PublicKey::FromSpki(enrolment->spki);
    if (!VerifyEnvelope(statement, *key).ok()) return absl::InvalidArgumentError("signature");
    if (spent_by_ && *spent_by_ != statement.StatementDigest()) {
      return absl::PermissionDeniedError("the token is spent");
    }
    spent_by_ = statement.StatementDigest();
    if (lose_reply) return absl::DeadlineExceededError("the reply is lost");
    return FinishAnswer{Certify(csr), TrustFile(), {"c2", "c1"}, pki_.ca().der};
  }

  std::string ledger = "log.example.org";
  std::string trust_origin = "log.example.org";
  std::string certificate_host = kHost;
  std::string issuer = "ca";
  std::string usage;  // instead of host-tls
  bool other_key = false;
  bool other_ca_in_trust = false;
  bool lose_reply = false;
  bool expired = false;
  int down = 0;
  int begins = 0;
  int finishes = 0;

 private:
  std::string Certify(const std::string& csr) {
    if (other_key) return pki_.IssueFor(Purpose::kHostTls, "other").der;
    pki_.Write("host.csr.der", csr);
    pki_.Run("req -inform DER -in " + pki_.Path("host.csr.der") + " -out " + pki_.Path("host.csr"));
    std::string usages = usage;
    for (const std::string& one : PurposeUsages(Purpose::kHostTls)) {
      if (usage.empty() || usages != usage) usages += (usages.empty() ? "" : ",") + one;
    }
    pki_.Write(
        "host.ext",
        "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nbasicConstraints=CA:FALSE\n"
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=" +
            usages + "\nsubjectAltName=URI:" + HostUri(certificate_host) + "\n");
    pki_.Run("ca -batch -notext -config " + pki_.Path("ca.cnf") + " -cert " +
             pki_.Path(issuer + ".pem") + " -keyfile " + pki_.Path(issuer + ".key") +
             " -startdate 20200101000000Z -enddate 20491231235959Z -extfile " +
             pki_.Path("host.ext") + " -in " + pki_.Path("host.csr") + " -out " +
             pki_.Path("host.pem"));
    return PemToDer(pki_.Read("host.pem")).value().front();
  }

  std::string TrustFile() {
    Trust trust;
    trust.ca_pem = other_ca_in_trust ? pki_.MakeCa("foreign").cert_pem : pki_.ca().cert_pem;
    trust.origin = trust_origin;
    trust.log_vkey = EncodeVkey(trust_origin, log_.public_key());
    trust.first_checkpoint = SignCheckpoint({trust_origin, 0, merkle::EmptyRoot()}, log_).value();
    trust.publisher_pem = publisher_.cert_pem;
    return EncodeTrust(trust);
  }

  TestPki& pki_;
  PrivateKey log_;
  TestPki::Identity publisher_;
  std::optional<Digest> spent_by_;
};

class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest() : desk_(pki_), state_(folder_.State()) {
    request_.collector = "collector.example.org:8443";
    request_.system = "web-1";
    request_.token = {kSecret, Sha256(pki_.ca().der)};
    request_.ca_der = pki_.ca().der;
    request_.now = std::time(nullptr);
  }
  absl::StatusOr<EnrolmentFacts> Try() { return Enrol(state_, request_, desk_); }
  bool IsEnrolled() const { return LoadEnrolmentFacts(state_).ok(); }

  TestPki pki_;
  FakeDesk desk_;
  TemporaryFolder folder_;
  StateDir state_;
  EnrolmentRequest request_;
};

TEST_F(EnrolmentTest, StoresWhatItWasGiven) {
  const auto facts = Try();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->controllers, (std::vector<std::string>{"c1", "c2"}));
  const auto read = LoadEnrolmentFacts(state_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->host, kHost);
  EXPECT_TRUE(LoadTrust(state_, *read).ok());
  EXPECT_TRUE(state_.Key("identity.key").ok());
  EXPECT_NE(state_.Key("identity.key")->public_key().spki(),
            state_.Key("tls.key")->public_key().spki());
  EXPECT_TRUE(state_.Secret("salt.key").ok());
  for (const auto& entry : std::filesystem::directory_iterator(state_.path())) {
    struct stat facts_of_file {};
    ASSERT_EQ(stat(entry.path().c_str(), &facts_of_file), 0);
    EXPECT_EQ(facts_of_file.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(EnrolmentTest, ASecondEnrolmentIsRefused) {
  ASSERT_TRUE(Try().ok());
  const auto again = Try();
  EXPECT_TRUE(absl::IsFailedPrecondition(again.status())) << again.status();
  EXPECT_EQ(desk_.finishes, 1);
}

TEST_F(EnrolmentTest, AnAnswerThatDoesNotFitLeavesTheHostUnenrolled) {
  struct Case {
    const char* what;
    std::function<void(FakeDesk&, TestPki&)> lie;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"certificate of another key", [](FakeDesk& d, TestPki&) { d.other_key = true; },
       "another key"},
      {"certificate of another host",
       [](FakeDesk& d, TestPki&) { d.certificate_host = std::string(32, 'f'); },
       "not for the host"},
      {"certificate of another CA",
       [](FakeDesk& d, TestPki& pki) {
         pki.MakeCa("foreign");
         d.issuer = "foreign";
       },
       "certificate that the collector gave"},
      {"certificate for another purpose", [](FakeDesk& d, TestPki&) { d.usage = "serverAuth"; },
       "certificate that the collector gave"},
      {"trust file with another CA", [](FakeDesk& d, TestPki&) { d.other_ca_in_trust = true; },
       "another CA"},
      {"trust file of another ledger",
       [](FakeDesk& d, TestPki&) { d.trust_origin = "other.example.org"; }, "another ledger"},
  };
  for (const Case& one : cases) {
    FakeDesk desk(pki_);
    TemporaryFolder folder;
    const StateDir state = folder.State();
    one.lie(desk, pki_);
    const auto facts = Enrol(state, request_, desk);
    ASSERT_FALSE(facts.ok()) << one.what;
    EXPECT_NE(std::string(facts.status().message()).find(one.says), std::string::npos)
        << one.what << ": " << facts.status();
    EXPECT_FALSE(LoadEnrolmentFacts(state).ok()) << one.what;
  }
}

TEST_F(EnrolmentTest, RefusalsOfTheTokenAreShown) {
  request_.token.secret = "another secret of the right size";
  EXPECT_TRUE(absl::IsUnauthenticated(Try().status()));
  request_.token.secret = kSecret;
  desk_.expired = true;
  EXPECT_NE(std::string(Try().status().message()).find("expired"), std::string::npos);
  desk_.expired = false;
  ASSERT_TRUE(Try().ok());
  TemporaryFolder second;
  const auto reused = Enrol(second.State(), request_, desk_);
  EXPECT_NE(std::string(reused.status().message()).find("spent"), std::string::npos)
      << reused.status();
}

TEST_F(EnrolmentTest, ALostReplyIsAskedForAgainWithTheSameStatement) {
  desk_.lose_reply = true;
  EXPECT_FALSE(Try().ok());
  EXPECT_FALSE(IsEnrolled());
  desk_.lose_reply = false;
  const auto facts = Try();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(desk_.begins, 1);
  EXPECT_EQ(desk_.finishes, 2);
}

TEST_F(EnrolmentTest, AnOutageSpendsNothing) {
  desk_.down = 1;
  EXPECT_TRUE(absl::IsUnavailable(Try().status()));
  EXPECT_TRUE(Try().ok());
}

TEST_F(EnrolmentTest, ABeginThatIsNoneIsRefusedBeforeAnythingIsSigned) {
  desk_.ledger = "";
  EXPECT_FALSE(Try().ok());
  EXPECT_EQ(desk_.finishes, 0);
}

TEST(StateDirTest, FoldersAndFilesOpenToOthersAreRefused) {
  TemporaryFolder folder;
  const StateDir state = folder.State();
  ASSERT_TRUE(state.KeyOrNew("identity.key").ok());
  chmod(state.File("identity.key").c_str(), 0640);
  EXPECT_TRUE(absl::IsPermissionDenied(state.Key("identity.key").status()));
  chmod(state.path().c_str(), 0755);
  EXPECT_TRUE(absl::IsPermissionDenied(StateDir::Open(state.path(), true).status()));
}

TEST(StateDirTest, TornAndStrangeFilesAreNamed) {
  TemporaryFolder folder;
  const StateDir state = folder.State();
  ASSERT_TRUE(WriteAtomic(state.File("salt.key"), "short").ok());
  const auto torn = state.Secret("salt.key");
  EXPECT_NE(std::string(torn.status().message()).find("salt.key"), std::string::npos)
      << torn.status();
  ASSERT_EQ(mkfifo(state.File("identity.key").c_str(), 0600), 0);
  EXPECT_FALSE(state.Key("identity.key").ok());
  ASSERT_EQ(symlink("salt.key", state.File("tls.key").c_str()), 0);
  EXPECT_FALSE(state.Key("tls.key").ok());
  ASSERT_TRUE(WriteAtomic(state.File("enrolment.json"), "{\"host\":").ok());
  const auto facts = LoadEnrolmentFacts(state);
  EXPECT_NE(std::string(facts.status().message()).find("enrolment.json"), std::string::npos);
  EXPECT_FALSE(absl::IsFailedPrecondition(facts.status())) << "a torn file is no missing enrolment";
}

TEST(TokenTest, OnlyWholeTokensAreRead) {
  const std::string secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0";
  const std::string ca(64, 'a');
  EXPECT_TRUE(ParseToken("tom1." + secret + "." + ca + "\n").ok());
  const std::vector<std::string> bad = {"",
                                        "tom1",
                                        "tom1..",
                                        "tom2." + secret + "." + ca,
                                        "tom1." + secret + "." + ca.substr(1),
                                        "tom1.c2hvcnQ." + ca,
                                        "tom1." + secret + "=." + ca,
                                        "tom1." + secret + "." + ca + "x",
                                        "tom1." + std::string(2000, 'a') + "." + ca};
  for (const std::string& text : bad) {
    const auto token = ParseToken(text);
    EXPECT_FALSE(token.ok()) << text;
    EXPECT_EQ(std::string(token.status().message()).find(secret), std::string::npos) << text;
  }
}

TEST(TokenTest, TheFileMustBePrivate) {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/token";
  std::ofstream(path) << "tom1.c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0." << std::string(64, 'a');
  chmod(path.c_str(), 0644);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadTokenFile(path).status()));
  chmod(path.c_str(), 0600);
  EXPECT_TRUE(ReadTokenFile(path).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadTokenFile(path + "x").status()));
}

TEST(AddressTest, HostAndPort) {
  const std::vector<std::string> good = {"a.example.org:8443", "127.0.0.1:1", "[::1]:65535"};
  for (const std::string& text : good) {
    const auto address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->Text(), text);
  }
  for (const std::string text : {"", "a", ":1", "a:", "a:0", "a:65536", "::1:80", "[a]:1", "a b:1",
                                 "-x:1", "a:1x", "unix:/tmp/x:1", "dns:///a:1"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace tom
