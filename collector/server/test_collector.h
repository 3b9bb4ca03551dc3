// For tests alone: a collector in a temporary folder under a clock of the test.
#ifndef TOM_COLLECTOR_SERVER_TEST_COLLECTOR_H_
#define TOM_COLLECTOR_SERVER_TEST_COLLECTOR_H_

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "collector/server/collector.h"
#include "collector/server/test_host.h"
#include "collector/store/sqlite_store.h"
#include "evidence/openssl_ptr.h"
#include "evidence/read_file.h"

namespace tom {

inline std::string TestFolder() {
  std::string pattern = testing::TempDir() + "tom-collector-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  return pattern;
}

// A DER PKCS#10 request signed with `key`, asking for nothing.
inline std::string MakeCsr(const PrivateKey& key) {
  const std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>> request(X509_REQ_new());
  X509_REQ_set_version(request.get(), 0);
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  return ToDer<i2d_X509_REQ>(request.get());
}

class TestCollector {
 public:
  static constexpr UnixSeconds kStart = 1'800'000'000;

  explicit TestCollector(TsaConfig tsa = {}, UnixSeconds start = kStart,
                         const std::string& origin = "")
      : clock(start), folder(TestFolder()) {
    InitOptions options;
    options.state = folder + "/state";
    options.operator_dir = folder + "/people";
    options.now = start;
    options.origin = origin;
    const absl::Status made = InitState(options);
    if (!made.ok()) throw std::runtime_error(made.ToString());
    Open(std::move(tsa));
  }
  ~TestCollector() {
    collector.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  // Also: stops and starts again on the same files.
  void Open(TsaConfig tsa = {}) {
    collector.reset();
    auto store = OpenSqliteStore(folder + "/state/store.db");
    auto state = LoadState(folder + "/state");
    if (!store.ok() || !state.ok()) throw std::runtime_error(state.status().ToString());
    auto opened =
        Collector::Open(*std::move(state), *std::move(store), std::move(tsa), clock.Get());
    if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
    collector = *std::move(opened);
  }

  const std::string& origin() const { return collector->state().trust.origin; }
  // The installation's CA, whose key init leaves with the operator.
  Issuer ca() const {
    const auto key = ReadSmallFile(folder + "/people/ca.key", 1 << 16);
    if (!key.ok()) throw std::runtime_error(key.status().ToString());
    return {collector->state().ca_certificate, PrivateKey::FromPem(*key).value()};
  }
  const Issuer& host_ca() const { return collector->state().host_ca; }
  // As init (people) or enrolment (hosts) would certify it.
  TestPerson Person(Purpose purpose) {
    return TestPerson::Make(purpose == Purpose::kHostTls ? host_ca() : ca(), purpose,
                            clock.Get()());
  }

  absl::StatusOr<LoggedStatement> Authorise(const std::string& secret, int64_t uses = 1,
                                            int64_t lives = kDay) {
    const TestPerson person = Person(Purpose::kOperator);
    return collector->statements().Submit(
        person.Sign(Kind::kEnrolmentAuthorisation,
                    TestAuthorisation(person, origin(), secret, clock.Get()() + lives, uses)),
        {person.certificate});
  }

  Enrolment EnrolmentFor(const EnrolmentOffer& offer, const std::string& system,
                         const PrivateKey& key) const {
    Enrolment enrolment;
    enrolment.common = {origin(), std::nullopt, RandomId()};
    enrolment.authorisation = offer.authorisation;
    enrolment.host = offer.host;
    enrolment.system = system;
    enrolment.spki = key.public_key().spki();
    return enrolment;
  }

  // A host enrolled the whole way.
  TestHost Enrol(const std::string& system) {
    const std::string secret = RandomId();
    const auto logged = Authorise(secret);
    if (!logged.ok()) throw std::runtime_error(logged.status().ToString());
    const auto offer = collector->enrolment().Begin(secret, system);
    if (!offer.ok()) throw std::runtime_error(offer.status().ToString());
    const PrivateKey key = PrivateKey::Generate(KeyKind::kP256).value();
    tls_key = PrivateKey::Generate(KeyKind::kP256).value().ToPem();
    const PrivateKey tls = PrivateKey::FromPem(tls_key).value();
    const Envelope envelope =
        SignEnvelope(
            EncodeKindStatement(Kind::kEnrolment, ToPredicate(EnrolmentFor(*offer, system, key))),
            key)
            .value();
    const auto grant = collector->enrolment().Finish(secret, envelope, MakeCsr(tls));
    if (!grant.ok()) throw std::runtime_error(grant.status().ToString());
    tls_certificate = DerToPem(grant->certificate);
    return TestHost(origin(), offer->host, key);
  }

  AckResult Submit(const SignedReport& report) {
    const auto ack = collector->reports().Submit(report.report.host, report.envelope, report.blobs);
    if (!ack.ok()) throw std::runtime_error(ack.status().ToString());
    return *ack;
  }

  FakeClock clock;
  const std::string folder;
  std::unique_ptr<Collector> collector;
  std::string tls_certificate;  // of the host enrolled last, PEM
  std::string tls_key;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_TEST_COLLECTOR_H_
