// What the agent believes of a ledger and of a catalogue.
#include <gtest/gtest.h>

#include "agent/anchor_store.h"
#include "agent/catalogue_store.h"
#include "agent/deliver.h"
#include "agent/testing_collector.h"
#include "agent/testing_host.h"
#include "evidence/merkle.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/test_pki.h"
#include "evidence/test_stamper.h"

namespace tom {
namespace {

constexpr UnixSeconds kNow = 1'750'000'000;
const std::string kOrigin = "log.example.org";

class LedgerTest : public testing::Test {
 protected:
  LedgerTest()
      : state_(folder_.State()),
        identity_(state_.KeyOrNew("identity.key").value()),
        collector_(kOrigin, identity_.public_key()),
        authority_(pki_.IssueAuthority("tsa")),
        publisher_(pki_.IssueFor(Purpose::kPublisher, "publisher")) {
    EXPECT_TRUE(state_.SecretOrNew("salt.key").ok());
    facts_.host = std::string(32, 'a');
    facts_.ledger = kOrigin;
    trust_ = {pki_.ca().cert_pem, EncodeVkey(kOrigin, collector_.log_key().key), kOrigin,
              collector_.Note(), publisher_.cert_pem};
  }

  // A catalogue statement by `signer`, with `tsa` as its time-stamp authority.
  CatalogueAnswer MakeCatalogue(int64_t version, const TestPki::Identity& signer,
                                UnixSeconds expires = kNow + kDay) {
    Catalogue catalogue;
    catalogue.version = version;
    catalogue.authorities = {authority_.der};
    CatalogueAnswer answer;
    answer.catalogue = EncodeCatalogue(catalogue);
    CatalogueStatement statement;
    statement.common = {kOrigin, Sha256(signer.der), RandomId()};
    statement.version = version;
    statement.expires = expires;
    statement.digest = Sha256(answer.catalogue);
    answer.statement = SignEnvelope(EncodeKindStatement(Kind::kCatalogue, ToPredicate(statement)),
                                    PrivateKey::FromPem(signer.key_pem).value())
                           .value();
    answer.publisher = signer.der;
    return answer;
  }

  Cycle MakeCycle(UnixSeconds at, Verdict verdict = Verdict::kPass) {
    Cycle cycle;
    cycle.source = MakeSource();
    cycle.look = MakeLook(at, {MakeOutcome("often", {MakeRow("a", verdict, "x")}),
                               MakeOutcome("rarely", {MakeRow("h", Verdict::kPass, "f")})});
    return cycle;
  }

  DeliverResult Report(UnixSeconds at, Verdict verdict = Verdict::kPass) {
    DeliverOptions options;
    options.now = at;
    options.anchor_age_seconds = 0;
    options.patience_seconds = 0;
    options.sleep_ms = [](int64_t) {};
    const Cycle cycle = MakeCycle(at, verdict);
    auto result = Deliver(state_, facts_, trust_, options, &cycle, collector_);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  void Stamp(UnixSeconds at) {
    test::TestStamper stamper(authority_);
    collector_.token = stamper.Token(at, Sha256(NoteText(collector_.Note()).value()));
  }
  absl::StatusOr<AnchorUpdate> Update() {
    return UpdateAnchor(state_, trust_, facts_.host, {authority_.der}, collector_, kNow);
  }

  TestPki pki_;
  TemporaryFolder folder_;
  StateDir state_;
  PrivateKey identity_;
  FakeCollector collector_;
  TestPki::Identity authority_;
  TestPki::Identity publisher_;
  EnrolmentFacts facts_;
  Trust trust_;
};

TEST_F(LedgerTest, AStampedCheckpointIsTheNextReportsAnchorAndItsTokenTravelsOnce) {
  collector_.catalogue = MakeCatalogue(1, publisher_);
  const DeliverResult first = Report(kNow);
  EXPECT_FALSE(first.report->report.anchor);
  Stamp(kNow + 10);
  const DeliverResult second = Report(kNow + 300);
  ASSERT_TRUE(second.report->report.anchor) << DescribeDelivery(second);
  EXPECT_EQ(second.report->report.anchor->size, 1u);
  EXPECT_EQ(second.report->report.anchor->token, Sha256(collector_.token));
  EXPECT_TRUE(second.notices.empty()) << DescribeDelivery(second);
  const DeliverResult third = Report(kNow + 600);
  EXPECT_EQ(third.report->report.anchor, second.report->report.anchor)
      << "the old stamp does not fit";
  EXPECT_EQ(collector_.Tips().size(), 1u);
}

TEST_F(LedgerTest, AStampByAnUnknownAuthorityIsNoAnchor) {
  collector_.catalogue = MakeCatalogue(1, publisher_);
  Report(kNow);
  test::TestStamper stranger(pki_.IssueAuthority("stranger"));
  collector_.token = stranger.Token(kNow + 10, Sha256(NoteText(collector_.Note()).value()));
  const DeliverResult result = Report(kNow + 300);
  EXPECT_FALSE(result.report->report.anchor);
  EXPECT_EQ(result.notices.size(), 1u) << DescribeDelivery(result);
  EXPECT_EQ(result.tally.accepted, 1);
}

TEST_F(LedgerTest, AnotherHistoryIsRefusedForGood) {
  collector_.catalogue = MakeCatalogue(1, publisher_);
  Report(kNow);
  ASSERT_TRUE(Update().ok());
  collector_.RewriteHistory();
  const absl::Status refused = Update().status();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  const int submits = collector_.submits;
  const DeliverResult result = Report(kNow + 600, Verdict::kFail);
  EXPECT_TRUE(result.report.has_value()) << "the look is signed and spooled";
  EXPECT_TRUE(absl::IsFailedPrecondition(result.sent)) << result.sent;
  EXPECT_EQ(collector_.submits, submits);
}

TEST_F(LedgerTest, AStampedLedgerThatBecameShorterIsRefused) {
  collector_.catalogue = MakeCatalogue(1, publisher_);
  Report(kNow);
  Stamp(kNow + 10);
  ASSERT_EQ(Update()->notice, "");
  collector_.Forget();
  EXPECT_TRUE(absl::IsDataLoss(Update().status()));
}

TEST_F(LedgerTest, AnOlderCheckpointBeforeAnyStampIsOnlyNotTaken) {
  collector_.catalogue = MakeCatalogue(1, publisher_);
  Report(kNow);
  ASSERT_TRUE(Update().ok());
  collector_.Forget();
  EXPECT_TRUE(absl::IsUnavailable(Update().status()));
  EXPECT_TRUE(CheckLedgerNotRefused(state_).ok());
}

TEST_F(LedgerTest, ACheckpointOfAnotherKeyIsRefused) {
  FakeCollector other(kOrigin, identity_.public_key());
  const auto update = UpdateAnchor(state_, trust_, facts_.host, {}, other, kNow);
  EXPECT_FALSE(update.ok());
  EXPECT_TRUE(CheckLedgerNotRefused(state_).ok()) << "anybody can show a foreign note";
}

TEST_F(LedgerTest, CataloguesOnlyGoForward) {
  collector_.catalogue = MakeCatalogue(5, publisher_);
  ASSERT_TRUE(UpdateCatalogue(state_, trust_, collector_, kNow).ok());
  EXPECT_EQ(LoadCatalogue(state_, trust_)->version, 5);
  collector_.catalogue = MakeCatalogue(4, publisher_);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(UpdateCatalogue(state_, trust_, collector_, kNow).status()));
  EXPECT_EQ(LoadCatalogue(state_, trust_)->version, 5);
  collector_.catalogue = MakeCatalogue(6, publisher_);
  EXPECT_EQ(UpdateCatalogue(state_, trust_, collector_, kNow)->version, 6);
}

TEST_F(LedgerTest, CataloguesThatAreNotThePublishersAreRefused) {
  struct Case {
    const char* what;
    CatalogueAnswer answer;
  };
  CatalogueAnswer altered = MakeCatalogue(1, publisher_);
  altered.catalogue += " ";
  CatalogueAnswer unsigned_one = MakeCatalogue(1, publisher_);
  unsigned_one.statement.signature = MakeCatalogue(2, publisher_).statement.signature;
  const auto second = pki_.IssueFor(Purpose::kPublisher, "second");
  CatalogueAnswer borrowed = MakeCatalogue(1, second);
  borrowed.publisher = publisher_.der;
  const std::vector<Case> cases = {
      {"another publisher", MakeCatalogue(1, second)},
      {"another publisher under the pinned certificate", borrowed},
      {"altered content", altered},
      {"another signature", unsigned_one},
      {"expired", MakeCatalogue(1, publisher_, kNow)},
      {"nothing at all", CatalogueAnswer()},
  };
  for (const Case& one : cases) {
    collector_.catalogue = one.answer;
    EXPECT_FALSE(UpdateCatalogue(state_, trust_, collector_, kNow).ok()) << one.what;
    EXPECT_TRUE(absl::IsNotFound(LoadCatalogue(state_, trust_).status())) << one.what;
  }
}

TEST_F(LedgerTest, ACycleSurvivesItsPipe) {
  Cycle cycle = MakeCycle(kNow);
  cycle.look.outcomes[0].rows[0].subject = std::string("\xff\0", 2);
  cycle.look.outcomes[0].rows[0].evidence = Json::Object{{"n", 3}};
  cycle.look.outcomes[0].rows[0].valid_until = kNow + 5;
  cycle.scopes = {{"/srv", true, {"c1"}}};
  cycle.exclusions = {{"often", "a", "why", "who", kNow}};
  const auto bytes = EncodeCycle(cycle);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto read = ParseCycle(*bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeCycle(*read).value(), *bytes);
  EXPECT_EQ(read->look.outcomes[0].rows[0].subject, cycle.look.outcomes[0].rows[0].subject);
  for (size_t cut = 0; cut < bytes->size(); cut += 11) {
    EXPECT_FALSE(ParseCycle(bytes->substr(0, cut)).ok()) << cut;
  }
}

}  // namespace
}  // namespace tom
