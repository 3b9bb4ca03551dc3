#include "collector/ingest/statement_desk.h"

#include <gtest/gtest.h>

#include "collector/server/test_collector.h"
#include "evidence/read_file.h"

namespace tom {
namespace {

class StatementDeskTest : public testing::Test {
 protected:
  StatementDesk& desk() { return box_.collector->statements(); }

  Inventory OneSystem(const TestPerson& person, std::string& body_bytes) {
    InventoryBody body{"web server", "web", "operations", "hall 1", true, false, RandomId()};
    body_bytes = Canonical(InventoryBodyToJson(body));
    Inventory inventory;
    inventory.common = person.Common(box_.origin());
    inventory.source = "test";
    inventory.drawn_at = TestCollector::kStart;
    inventory.drawn_by = "person";
    inventory.systems = {{"web-1",
                          "host",
                          {"controller-a"},
                          TestCollector::kStart,
                          std::nullopt,
                          Sha256(body_bytes)}};
    return inventory;
  }

  TestCollector box_;
};

TEST_F(StatementDeskTest, LogsOnceAndSaysWhere) {
  const TestPerson person = box_.Person(Purpose::kOperator);
  std::string body;
  const Envelope envelope = person.Sign(Kind::kInventory, OneSystem(person, body));
  const auto missing = desk().Submit(envelope, {person.certificate});
  EXPECT_TRUE(absl::IsFailedPrecondition(missing.status())) << missing.status();
  const auto logged = desk().Submit(envelope, {person.certificate, body});
  ASSERT_TRUE(logged.ok()) << logged.status();
  EXPECT_FALSE(logged->duplicate);
  const auto again = desk().Submit(envelope, {});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->index, logged->index);
}

TEST_F(StatementDeskTest, ScopeStatementsAreChained) {
  ASSERT_TRUE(box_.Authorise("one").ok());
  ASSERT_TRUE(box_.Authorise("two").ok());
  std::optional<Digest> before;
  int seen = 0;
  ASSERT_TRUE(box_.collector->store()
                  .Read([&](const StoreView& view) {
                    return view.VisitStatements(0, UINT64_MAX, [&](const StoredStatement& found) {
                      EXPECT_EQ(found.leaf_body.scope_prev, before);
                      before = LeafBodyDigest(found.leaf_body);
                      ++seen;
                      return absl::OkStatus();
                    });
                  })
                  .ok());
  EXPECT_EQ(seen, 2);
}

TEST_F(StatementDeskTest, EveryKindNeedsItsOwnCertificate) {
  std::string body;
  for (const Purpose purpose : {Purpose::kCollectorTls, Purpose::kHostTls, Purpose::kOperatorTls,
                                Purpose::kApprover, Purpose::kPublisher, Purpose::kPackSigner}) {
    const TestPerson person = box_.Person(purpose);
    const auto refused = desk().Submit(person.Sign(Kind::kInventory, OneSystem(person, body)),
                                       {person.certificate, body});
    EXPECT_TRUE(absl::IsPermissionDenied(refused.status()))
        << PurposeName(purpose) << " " << refused.status();
  }
}

TEST_F(StatementDeskTest, RefusesAnotherCaAnotherKeyAndExpiredCertificates) {
  TestCollector foreign;
  std::string body;
  const TestPerson stranger = foreign.Person(Purpose::kOperator);
  EXPECT_TRUE(absl::IsPermissionDenied(
      desk()
          .Submit(stranger.Sign(Kind::kInventory, OneSystem(stranger, body)),
                  {stranger.certificate, body})
          .status()));
  const TestPerson person = box_.Person(Purpose::kOperator);
  const TestPerson other = box_.Person(Purpose::kOperator);
  EXPECT_TRUE(absl::IsPermissionDenied(
      desk()
          .Submit(other.Sign(Kind::kInventory, OneSystem(person, body)), {person.certificate, body})
          .status()));
  box_.clock.Advance(400 * kDay);
  EXPECT_TRUE(
      absl::IsPermissionDenied(desk()
                                   .Submit(person.Sign(Kind::kInventory, OneSystem(person, body)),
                                           {person.certificate, body})
                                   .status()));
}

TEST_F(StatementDeskTest, NobodySubmitsWhatHostsOrTheLedgerSign) {
  const TestPerson person = box_.Person(Purpose::kOperator);
  Tick tick;
  tick.common = person.Common(box_.origin());
  tick.size = 1;
  EXPECT_TRUE(absl::IsPermissionDenied(
      desk().Submit(person.Sign(Kind::kTick, tick), {person.certificate}).status()));
}

TEST_F(StatementDeskTest, OnlyTheInstallationsPublisherPublishesAndVersionsRise) {
  Catalogue catalogue;
  catalogue.version = 1;
  const TestPerson impostor = box_.Person(Purpose::kPublisher);
  const PrivateKey key =
      PrivateKey::FromPem(ReadSmallFile(box_.folder + "/people/publisher.key", 1 << 16).value())
          .value();
  const TestPerson publisher{
      key, ReadCertificatePem(ReadSmallFile(box_.folder + "/people/publisher.pem", 1 << 16).value())
               ->der};
  const auto publish = [&](const TestPerson& person, int64_t version) {
    catalogue.version = version;
    const std::string bytes = EncodeCatalogue(catalogue);
    CatalogueStatement statement;
    statement.common = person.Common(box_.origin());
    statement.version = version;
    statement.expires = TestCollector::kStart + 30 * kDay;
    statement.digest = Sha256(bytes);
    return desk().Submit(person.Sign(Kind::kCatalogue, statement), {person.certificate, bytes});
  };
  EXPECT_TRUE(absl::IsPermissionDenied(publish(impostor, 1).status()));
  const auto first = publish(publisher, 2);
  EXPECT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(publish(publisher, 2).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(publish(publisher, 1).status()));
  EXPECT_TRUE(publish(publisher, 3).ok());
}

}  // namespace
}  // namespace tom
