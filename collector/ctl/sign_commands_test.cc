// Commands that sign: what reaches the collector is a statement of the right kind, by the right
// person's key, with everything that it names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/test_ctl.h"
#include "evidence/catalogue.h"
#include "evidence/scope_statements.h"

namespace tom {
namespace {

using test::CtlRun;
using test::CtlWorld;
using test::FakeCollector;
using ::testing::HasSubstr;

constexpr char kChecks[] = TOM_SOURCE_DIR "/checks";

class SignCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new CtlWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  void SetUp() override { world_->collector = {}; }

  // The statement, once its signature is that of `name`.pem, which came with it.
  static Statement By(const std::string& name, const FakeCollector::Received& received) {
    const auto certificate = ReadCertificatePem(world_->Read("operator/" + name + ".pem"));
    EXPECT_TRUE(certificate.ok()) << certificate.status();
    const auto key = PublicKey::FromSpki(certificate->spki);
    EXPECT_TRUE(key.ok()) << key.status();
    const absl::Status verified = VerifyEnvelope(received.statement, *key);
    EXPECT_TRUE(verified.ok()) << name << ": " << verified;
    EXPECT_EQ(std::count(received.blobs.begin(), received.blobs.end(), certificate->der), 1)
        << name;
    auto statement = ParseKindStatement(received.statement.payload);
    EXPECT_TRUE(statement.ok()) << statement.status();
    EXPECT_EQ(statement->predicate.Find("ledger")->AsString(), "example.org/tom");
    EXPECT_EQ(statement->predicate.Find("signer")->AsString(), certificate->Fingerprint().Hex());
    return *std::move(statement);
  }

  static CtlWorld* world_;
};
CtlWorld* SignCommands::world_ = nullptr;

TEST_F(SignCommands, ATokenIsAuthorisedByTheOperatorAndWrittenForHimAlone) {
  const std::string path = world_->Path("web.token");
  const CtlRun run = world_->Run({"token", "create", "--system", "web-*", "--uses", "3",
                                  "--controllers", "b,a", "--label", "site=north", "-o", path});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("authorisation "));
  ASSERT_EQ(world_->collector.received.size(), 1U);
  const Statement statement = By("operator", world_->collector.received[0]);
  EXPECT_EQ(statement.kind, Kind::kEnrolmentAuthorisation);
  const auto authorisation = EnrolmentAuthorisationFrom(statement.predicate);
  ASSERT_TRUE(authorisation.ok()) << authorisation.status();
  EXPECT_EQ(authorisation->uses, 3);
  EXPECT_THAT(authorisation->controllers, testing::ElementsAre("a", "b"));
  EXPECT_EQ(authorisation->labels.at("site"), "north");
  const std::string token = world_->Read("web.token");
  EXPECT_EQ(token.rfind("tom1.", 0), 0U);
  EXPECT_EQ(world_->collector.received[0].statement.payload.find(token.substr(5, 43)),
            std::string::npos)
      << "the secret itself must not be logged";
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  // A file that is there is not overwritten, and then nothing is authorised.
  EXPECT_EQ(world_->Run({"token", "create", "--system", "a", "-o", path}).code, 1);
  EXPECT_EQ(world_->collector.received.size(), 1U);
}

TEST_F(SignCommands, ATokenWithoutAFileGoesToStandardOutputOnceItIsInForce) {
  world_->collector.down = absl::UnavailableError("nobody there");
  const CtlRun refused = world_->Run({"token", "create", "--system", "a"});
  EXPECT_EQ(refused.code, 69);
  EXPECT_EQ(refused.out, "");
  world_->collector.down = absl::OkStatus();
  EXPECT_EQ(world_->Run({"token", "create", "--system", "a"}).out.rfind("tom1.", 0), 0U);
}

TEST_F(SignCommands, ACatalogueIsThePublishersAndPutInForceByTheOperator) {
  const std::string file = world_->Path("catalogue.tom");
  const CtlRun made =
      world_->Run({"catalogue", "sign", "--checks", kChecks, "--version", "7", "-o", file});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(world_->collector.received.empty()) << "signing needs no collector";
  const CtlRun run = world_->Run({"catalogue", "publish", file});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("catalogue version 7"));
  ASSERT_EQ(world_->collector.received.size(), 2U);
  EXPECT_EQ(By("publisher", world_->collector.received[0]).kind, Kind::kCatalogue);
  const Statement in_force = By("operator", world_->collector.received[1]);
  const auto version = CatalogueVersionFrom(in_force.predicate);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->version, 7);
  EXPECT_EQ(version->catalogue, world_->collector.received[0].statement.StatementDigest());
}

TEST_F(SignCommands, ARollbackIsTheOldCatalogueUnderAGreaterVersion) {
  const std::string old = world_->Path("old.tom");
  const std::string again = world_->Path("again.tom");
  ASSERT_EQ(
      world_->Run({"catalogue", "sign", "--checks", kChecks, "--version", "3", "-o", old}).code, 0);
  const CtlRun behind = world_->Run({"catalogue", "rollback", old, "--version", "3"});
  EXPECT_EQ(behind.code, 65);
  EXPECT_THAT(behind.err, HasSubstr("old.tom is version 3"));
  const CtlRun run = world_->Run({"catalogue", "rollback", old, "--version", "5", "-o", again});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto before = ParseCatalogueFile(world_->Read("old.tom"));
  const auto after = ParseCatalogueFile(world_->Read("again.tom"));
  ASSERT_TRUE(before.ok() && after.ok()) << after.status();
  auto catalogue = ParseCatalogue(after->catalogue);
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_EQ(catalogue->version, 5);
  catalogue->version = 3;
  EXPECT_EQ(EncodeCatalogue(*catalogue), before->catalogue);
  const CtlRun same = world_->Run({"catalogue", "diff", old, again, "--format", "json"});
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_EQ(same.out, "[]\n");
}

TEST_F(SignCommands, ARollbackOfAnotherPublishersCatalogueIsRefused) {
  CtlWorld other;
  const std::string path = other.Path("other.tom");
  ASSERT_EQ(
      other.Run({"catalogue", "sign", "--checks", kChecks, "--version", "3", "-o", path}).code, 0);
  const CtlRun run = world_->Run({"catalogue", "rollback", path, "--version", "4"});
  EXPECT_EQ(run.code, 77) << run.err;
  EXPECT_THAT(run.err, HasSubstr("another publisher"));
}

TEST_F(SignCommands, ACatalogueFileThatWasTouchedIsNotPublished) {
  const std::string file = world_->Path("touched.tom");
  ASSERT_EQ(
      world_->Run({"catalogue", "sign", "--checks", kChecks, "--version", "7", "-o", file}).code,
      0);
  const std::string good = world_->Read("touched.tom");
  for (size_t at = 7; at < good.size(); at += good.size() / 23) {
    std::string bent = good;
    bent[at] = bent[at] == 'A' ? 'B' : 'A';
    world_->Write("touched.tom", bent);
    const CtlRun run = world_->Run({"catalogue", "publish", file});
    EXPECT_EQ(run.code, 65) << at << run.err;
    EXPECT_THAT(run.err, HasSubstr(file)) << at;
  }
  EXPECT_TRUE(world_->collector.received.empty());
}

TEST_F(SignCommands, AProfileIsPublishedWithItsText) {
  const CtlRun run = world_->Run({"profile", "publish", "velory-dpa", "--checks", kChecks});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(world_->collector.received.size(), 1U);
  const Statement statement = By("operator", world_->collector.received[0]);
  const auto profile = ProfileStatementFrom(statement.predicate);
  ASSERT_TRUE(profile.ok()) << profile.status();
  const auto& blobs = world_->collector.received[0].blobs;
  EXPECT_TRUE(std::any_of(blobs.begin(), blobs.end(), [&](const std::string& blob) {
    return Sha256(blob) == profile->digest;
  }));
  const CtlRun none = world_->Run({"profile", "publish", "no-such", "--checks", kChecks});
  EXPECT_EQ(none.code, 66);
  EXPECT_THAT(none.err, HasSubstr("no profile no-such"));
}

TEST_F(SignCommands, AnInventoryIsSentWholeOrNotAtAll) {
  const std::string csv = world_->Write(
      "systems.csv",
      "id,name,kind,in_service_from\nweb-1,web,host,2026-01-01\nweb-2,w,host,2026-01-01\n");
  const CtlRun dry = world_->Run({"inventory", "import", csv, "--dry-run"});
  EXPECT_EQ(dry.out, "2 systems, nothing sent\n");
  EXPECT_TRUE(world_->collector.received.empty());
  const CtlRun run = world_->Run({"inventory", "import", csv, "--drawn-by", "ops"});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(world_->collector.received.size(), 1U);
  EXPECT_EQ(By("operator", world_->collector.received[0]).kind, Kind::kInventory);
  EXPECT_EQ(world_->collector.received[0].blobs.size(), 3U);  // two bodies, one certificate
  const std::string bad =
      world_->Write("bad.csv", "id,name,kind\nweb-1,web,host\nweb-1,again,host\n");
  const CtlRun refused = world_->Run({"inventory", "import", bad});
  EXPECT_EQ(refused.code, 65);
  EXPECT_THAT(refused.err, HasSubstr(bad + ":3:1: systems[1].id: web-1 stands on line 2 already"));
  EXPECT_EQ(world_->collector.received.size(), 1U);
}

TEST_F(SignCommands, APackIsSignedAndDescribesItself) {
  world_->collector.pack = {{"pack.json", "{}"}, {"README.txt", "read me"}};
  const std::string path = world_->Path("out.asice");
  const CtlRun run = world_->Run(
      {"pack", "build", "--profile", "p", "--controller", "c", "--unstamped", "-o", path});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("NOT time-stamped"));
  ASSERT_EQ(world_->collector.exports.size(), 1U);
  EXPECT_EQ(world_->collector.exports[0].controller, "c");
  const CtlRun shown = world_->Run({"pack", "show", path});
  EXPECT_EQ(shown.code, 65) << shown.err;  // its pack.json says nothing
  EXPECT_THAT(shown.err, HasSubstr(path + ": pack.ledger: missing"));
}

TEST_F(SignCommands, APackThatBreaksOffLeavesNothing) {
  world_->collector.down = absl::UnavailableError("gone");
  const std::string path = world_->Path("broken.asice");
  EXPECT_EQ(world_->Run({"pack", "build", "--profile", "p", "--unstamped", "-o", path}).code, 69);
  EXPECT_FALSE(std::filesystem::exists(path));
  world_->collector.down = absl::OkStatus();
  const CtlRun none = world_->Run({"pack", "build", "--profile", "p", "-o", path});
  EXPECT_EQ(none.code, 64);
  EXPECT_THAT(none.err, HasSubstr("time-stamp authority"));
}

TEST_F(SignCommands, TheTrustFileIsExportedAsItIs) {
  const CtlRun run = world_->Run({"trust", "export"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, world_->Read("operator/trust.json"));
  const std::string bad = world_->Write("bad-trust.json", "{\"v\":1}");
  const CtlRun refused = world_->Run({"trust", "export", "--trust-file", bad});
  EXPECT_EQ(refused.code, 65);
  EXPECT_THAT(refused.err, HasSubstr(bad));
}

}  // namespace
}  // namespace tom
