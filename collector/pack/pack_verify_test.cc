// A pack from end to end, and every way to bend it that we could think of: verifying must never
// call a changed one valid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/pack/test_pack.h"
#include "evidence/asice.h"
#include "evidence/oscal_agrees.h"
#include "evidence/pack_reader.h"
#include "evidence/report_agrees.h"
#include "evidence/verify_run.h"

namespace tom {
namespace {

using test::PackMaker;
using test::ReadTestFile;
using ::testing::HasSubstr;

std::string TempFile(const std::string& name) { return ::testing::TempDir() + "/" + name; }

class PackVerify : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    maker_ = new PackMaker();
    payload_ = maker_->Payload().release();
    good_ = TempFile("good.asice");
    const absl::Status written =
        maker_->Write(*payload_, good_, PackMaker::SignerOf(maker_->signer), maker_->Stamps());
    ASSERT_TRUE(written.ok()) << written;
  }
  static void TearDownTestSuite() {
    delete payload_;
    delete maker_;
  }

  static Verification Verify(const std::string& path, const VerifyOptions& options) {
    auto verification = VerifyPack(path, options);
    EXPECT_TRUE(verification.ok()) << verification.status();
    return verification.ok() ? *std::move(verification) : Verification();
  }
  static PackVerdict VerdictOf(const std::string& bytes) {
    const std::string path = TempFile("bent.asice");
    WriteTestFile(path, bytes);
    return Judge(Verify(path, maker_->Options()).claims, DefaultPolicy());
  }
  static std::string Table(const Verification& verification) {
    return VerificationTable(verification, Judge(verification.claims, DefaultPolicy()), false);
  }
  static Claim Find(const Verification& verification, const std::string& name) {
    for (const Claim& claim : verification.claims) {
      if (claim.claim == name) return claim;
    }
    return {};
  }
  // The pack's entries, in order.
  static TestFiles Entries() {
    const auto pack = PackReader::Open(good_);
    TestFiles files;
    for (const std::string& name : pack->names()) files.emplace_back(name, *pack->Read(name));
    return files;
  }
  // The payload with one file replaced, signed anew by the right signer.
  static Verification Resigned(const std::string& name, const std::string& bytes) {
    auto spool = PackSpool::Create(::testing::TempDir()).value();
    for (const std::string& each : payload_->Names()) {
      EXPECT_TRUE(spool->Put(each, *payload_->Get(each)).ok());
    }
    EXPECT_TRUE(spool->Put(name, bytes).ok());
    const std::string path = TempFile("resigned.asice");
    const absl::Status written =
        maker_->Write(*spool, path, PackMaker::SignerOf(maker_->signer), maker_->Stamps());
    EXPECT_TRUE(written.ok()) << written;
    return Verify(path, maker_->Options());
  }
  static std::string Replaced(std::string text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }

  static PackMaker* maker_;
  static PackSpool* payload_;
  static std::string good_;
};
PackMaker* PackVerify::maker_ = nullptr;
PackSpool* PackVerify::payload_ = nullptr;
std::string PackVerify::good_;

TEST_F(PackVerify, AnHonestPackIsValid) {
  const Verification verification = Verify(good_, maker_->Options());
  EXPECT_EQ(Judge(verification.claims, DefaultPolicy()), PackVerdict::kValid)
      << Table(verification);
  EXPECT_EQ(verification.claims.size(), ClaimRules().size());
  for (size_t i = 0; i < ClaimRules().size(); ++i) {
    EXPECT_EQ(verification.claims[i].claim, ClaimRules()[i].name);
  }
}

TEST_F(PackVerify, TheSamePayloadGivesTheSameBytes) {
  const auto again = maker_->Payload();
  ASSERT_EQ(again->Names(), payload_->Names());
  for (const std::string& name : again->Names()) {
    EXPECT_EQ(again->DigestOf(name), payload_->DigestOf(name)) << name;
  }
}

TEST_F(PackVerify, NoFlippedByteIsValid) {
  const std::string good = ReadTestFile(good_);
  const auto pack = PackReader::Open(good_);
  ASSERT_TRUE(pack.ok());
  // Structure, manifests, signature and stamps byte by byte; of the payload, which its checksums
  // and digests cover alike, a sample.
  const size_t meta = good.find(std::string(kManifestName));
  ASSERT_NE(meta, std::string::npos);
  std::mt19937 random(7);
  const std::string path = TempFile("flipped.asice");
  WriteTestFile(path, good);
  const auto put = [&path](size_t at, char byte) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  };
  for (size_t at = 0; at < good.size(); at += at < meta ? 1 + random() % 20000 : 1 + random() % 3) {
    put(at, static_cast<char>(good[at] ^ (1 << random() % 8)));
    ASSERT_EQ(Judge(Verify(path, maker_->Options()).claims, DefaultPolicy()), PackVerdict::kInvalid)
        << "byte " << at << " of " << good.size();
    put(at, good[at]);
  }
  EXPECT_EQ(Judge(Verify(path, maker_->Options()).claims, DefaultPolicy()), PackVerdict::kValid);
}

TEST_F(PackVerify, NoChangedListOfEntriesIsValid) {
  const TestFiles good = Entries();
  for (size_t i = 0; i < good.size(); ++i) {
    const std::string& name = good[i].first;
    TestFiles dropped = good;
    dropped.erase(dropped.begin() + static_cast<long>(i));
    EXPECT_NE(VerdictOf(TestZip(dropped)), PackVerdict::kValid) << "without " << name;
    TestFiles renamed = good;
    renamed[i].first = name + "x";
    EXPECT_EQ(VerdictOf(TestZip(renamed)), PackVerdict::kInvalid) << "renamed " << name;
    TestFiles grown = good;
    grown[i].second += " ";
    EXPECT_EQ(VerdictOf(TestZip(grown)), PackVerdict::kInvalid) << "grown " << name;
    if (i + 1 == good.size()) continue;
    TestFiles swapped = good;
    std::swap(swapped[i].second, swapped[i + 1].second);
    EXPECT_EQ(VerdictOf(TestZip(swapped)), PackVerdict::kInvalid) << "swapped " << name;
  }
  for (const char* added : {"evidence/x", "META-INF/x", "META-INF/signature002.p7s", "x"}) {
    TestFiles more = good;
    more.emplace_back(added, "x");
    EXPECT_EQ(VerdictOf(TestZip(more)), PackVerdict::kInvalid) << added;
  }
}

TEST_F(PackVerify, AChangedFileWithAFittingManifestStillLacksTheSignature) {
  TestFiles files = Entries();
  std::vector<NamedDigest> payload;
  for (auto& [name, bytes] : files) {
    if (name == "README.txt") bytes += "more";
    if (name == "mimetype" || name.rfind("META-INF/", 0) == 0) continue;
    payload.emplace_back(name, Sha256(bytes));
  }
  for (auto& [name, bytes] : files) {
    if (name == kManifestName) bytes = RenderManifest(payload);
  }
  EXPECT_EQ(VerdictOf(TestZip(files)), PackVerdict::kInvalid);
}

TEST_F(PackVerify, OnlyTheRightSignerCounts) {
  TestPki& pki = maker_->story.world.pki;
  const std::string path = TempFile("foreign.asice");
  const auto signed_by = [&](const TestPki::Identity& identity) -> std::string {
    const absl::Status written =
        maker_->Write(*payload_, path, PackMaker::SignerOf(identity), maker_->Stamps());
    if (!written.ok()) return "refused to sign";
    return std::string(ClaimStateName(Find(Verify(path, maker_->Options()), "signer").state));
  };
  // Our own writer refuses certificates of another purpose before a verifier has to.
  EXPECT_EQ(signed_by(pki.IssueFor(Purpose::kOperator, "wrong-purpose")), "refused to sign");
  EXPECT_EQ(signed_by(pki.IssueFor(Purpose::kCollectorTls, "wrong-tls")), "refused to sign");
  TestPki other;
  EXPECT_EQ(signed_by(other.IssueFor(Purpose::kPackSigner, "foreign")), "disproven");
  EXPECT_EQ(signed_by(pki.IssueFor(Purpose::kPackSigner, "second")), "proven");
  VerifyOptions pinned = maker_->Options();
  pinned.signer = Sha256(maker_->signer.der);
  EXPECT_EQ(Find(Verify(path, pinned), "signer").state, ClaimState::kDisproven);
  EXPECT_EQ(Find(Verify(good_, pinned), "signer").state, ClaimState::kProven);
}

TEST_F(PackVerify, TimeStampsAreNeededAndJudged) {
  const std::string path = TempFile("time.asice");
  const PackSigner signer = PackMaker::SignerOf(maker_->signer);
  const auto state_of = [&](const StampFetcher& stamp) {
    const absl::Status written = maker_->Write(*payload_, path, signer, stamp);
    EXPECT_TRUE(written.ok()) << written;
    const Verification verification = Verify(path, maker_->Options());
    return std::make_pair(Find(verification, "signed-time").state,
                          Judge(verification.claims, DefaultPolicy()));
  };
  using Seen = std::pair<ClaimState, PackVerdict>;
  EXPECT_EQ(state_of(StampFetcher()), Seen(ClaimState::kUnproven, PackVerdict::kIncomplete));
  EXPECT_EQ(state_of(maker_->Stamps(-kHour)), Seen(ClaimState::kDisproven, PackVerdict::kInvalid))
      << "stamped before it was signed";
  EXPECT_EQ(state_of(maker_->Stamps(kHour)), Seen(ClaimState::kDisproven, PackVerdict::kInvalid))
      << "stamped in the future";
  TestPki other;
  test::TestStamper foreign(other.IssueAuthority("tsa"));
  const StampFetcher stranger = [&foreign](const Digest& imprint) -> absl::StatusOr<std::string> {
    return foreign.Token(static_cast<UnixSeconds>(std::time(nullptr)), imprint);
  };
  EXPECT_EQ(state_of(stranger), Seen(ClaimState::kDisproven, PackVerdict::kInvalid));
  const StampFetcher other_bytes = [](const Digest&) -> absl::StatusOr<std::string> {
    return maker_->stamper.Token(static_cast<UnixSeconds>(std::time(nullptr)), Sha256("other"));
  };
  EXPECT_EQ(state_of(other_bytes), Seen(ClaimState::kDisproven, PackVerdict::kInvalid));
  VerifyOptions nobody = maker_->Options();
  nobody.tsa_authorities.clear();
  EXPECT_EQ(Find(Verify(good_, nobody), "signed-time").state, ClaimState::kUnproven);
}

TEST_F(PackVerify, ARightlySignedLieInTheReportIsFound) {
  const std::string report = *payload_->Get(std::string(kReportName));
  const size_t at = report.find("data-tom=\"counts/satisfied\">");
  ASSERT_NE(at, std::string::npos);
  const std::pair<std::string, std::string> lies[] = {
      {"data-tom=\"counts/satisfied\">", "data-tom=\"counts/satisfied\">9"},
      {"data-tom=\"counts/satisfied\">", "data-x=\"counts/satisfied\">"},
      {"data-tom=\"counts/satisfied\">", "data-tom=\"counts/wonderful\">"},
      {"</main>", "<script>1</script></main>"},
      {"</main>", "<IFRAME></iframe></main>"},
  };
  for (const auto& [from, to] : lies) {
    const Verification verification =
        Resigned(std::string(kReportName), Replaced(report, from, to));
    EXPECT_EQ(Find(verification, "report-agrees").state, ClaimState::kDisproven) << to;
    EXPECT_EQ(Judge(verification.claims, DefaultPolicy()), PackVerdict::kInvalid) << to;
  }
}

// Without an authority the stamps prove no time, and the evidence gives other figures than it gave
// the writer. That is no contradiction, and no agreement either.
TEST_F(PackVerify, WithoutAnAuthorityFiguresAreNotComparable) {
  VerifyOptions options = maker_->Options();
  options.tsa_authorities.clear();
  const Verification blind = Verify(good_, options);
  EXPECT_EQ(Judge(blind.claims, DefaultPolicy()), PackVerdict::kIncomplete) << Table(blind);
  for (const char* claim : {"report-agrees", "oscal-agrees"}) {
    EXPECT_EQ(Find(blind, claim).state, ClaimState::kUnproven) << Table(blind);
  }
}

TEST_F(PackVerify, ARightlySignedLieInOscalIsFound) {
  const std::string results = *payload_->Get(std::string(kResultsName));
  const std::string pack_digest = payload_->DigestOf("pack.json").Hex();
  const std::pair<std::string, std::string> lies[] = {
      {"\"state\":\"satisfied\"", "\"state\":\"not-satisfied\""},
      {"\"name\":\"units\",\"ns\":\"https://tom-audit.example.org/ns/oscal\",\"value\":\"",
       "\"name\":\"units\",\"ns\":\"https://tom-audit.example.org/ns/oscal\",\"value\":\"7"},
      {pack_digest, Sha256("other").Hex()},
      {"../evidence/scope.json", "../../scope.json"},
      {"\"start\":\"2026-01-02", "\"start\":\"2026-01-01"},
  };
  for (const auto& [from, to] : lies) {
    const Verification verification =
        Resigned(std::string(kResultsName), Replaced(results, from, to));
    EXPECT_EQ(Find(verification, "oscal-agrees").state, ClaimState::kDisproven) << to;
  }
}

TEST_F(PackVerify, ARightlySignedLieInTheFiguresIsFound) {
  const std::string facts = *payload_->Get("pack.json");
  const Verification verification =
      Resigned("pack.json", Replaced(facts, "\"units\":", "\"units\":9"));
  EXPECT_EQ(Find(verification, "verdicts-recomputed").state, ClaimState::kDisproven)
      << Table(verification);
}

TEST_F(PackVerify, AFileThatNobodyReadsIsRefused) {
  const Verification verification = Resigned("evidence/extra.txt", "x");
  EXPECT_EQ(Find(verification, "container").state, ClaimState::kDisproven);
}

TEST_F(PackVerify, HeldCheckpointsMustBeThePacks) {
  const auto stamps = ParseStamps(*payload_->Get("ledger/stamps.json"));
  ASSERT_TRUE(stamps.ok());
  VerifyOptions options = maker_->Options();
  options.checkpoints = {{"held", (*stamps)[2].note}};
  EXPECT_EQ(Find(Verify(good_, options), "held-checkpoint").state, ClaimState::kProven);
  Checkpoint other = VerifyCheckpoint((*stamps)[2].note, *options.log_key).value();
  other.root = Sha256("another history");
  options.checkpoints = {{"held", SignCheckpoint(other, maker_->story.world.log_key).value()}};
  EXPECT_EQ(Find(Verify(good_, options), "held-checkpoint").state, ClaimState::kDisproven);
  other.size += 1;
  options.checkpoints = {{"held", SignCheckpoint(other, maker_->story.world.log_key).value()}};
  EXPECT_EQ(Find(Verify(good_, options), "held-checkpoint").state, ClaimState::kUnproven);
}

TEST_F(PackVerify, ThePreviousPackMustFit) {
  VerifyOptions options = maker_->Options();
  options.previous = good_;
  EXPECT_EQ(Find(Verify(good_, options), "previous-pack").state, ClaimState::kProven);
  options.previous = TempFile("no-pack.asice");
  WriteTestFile(options.previous, "no pack");
  EXPECT_EQ(Find(Verify(good_, options), "previous-pack").state, ClaimState::kDisproven);
}

TEST_F(PackVerify, OutsideProgramsAgree) {
  const std::string folder = TempFile("by-hand");
  WriteTestFile(TempFile("ca.pem"), maker_->story.world.pki.ca().cert_pem);
  // The very commands of README.txt.
  const std::string script =
      "set -e; rm -rf '" + folder + "'; mkdir '" + folder + "'; cd '" + folder +
      "'; unzip -q -t ../good.asice >&2; unzip -q ../good.asice; "
      "openssl cms -verify -binary -cades -inform DER -in META-INF/signature001.p7s "
      "-content META-INF/ASiCManifest001.xml -CAfile ../ca.pem -purpose any -signer ../signer.pem "
      "-out /dev/null; "
      "sed -n 's|.*DataObjectReference URI=\"\\([^\"]*\\)\".*<ds:DigestValue>\\([^<]*\\)<.*|\\2 "
      "\\1|p' "
      "META-INF/ASiCManifest001.xml | while read -r digest name; do "
      "test \"$(openssl dgst -sha256 -binary \"$name\" | base64)\" = \"$digest\" || "
      "{ echo \"DIFFERS: $name\"; exit 1; }; done; "
      "test \"$(grep -c DataObjectReference META-INF/ASiCManifest001.xml)\" = "
      "\"$(find . -type f ! -path './META-INF/*' ! -name mimetype | wc -l)\"; "
      "openssl ts -verify -in META-INF/timestamp001.tst -token_in "
      "-data META-INF/ASiCArchiveManifest.xml -CAfile ../ca.pem; "
      "openssl x509 -in ../signer.pem -noout -ext extendedKeyUsage | "
      "grep -x ' *1.3.6.1.5.5.7.3.36'";
  WriteTestFile(TempFile("by-hand.sh"), script);
  EXPECT_EQ(
      std::system(
          ("sh " + TempFile("by-hand.sh") + " >" + TempFile("by-hand.log") + " 2>&1").c_str()),
      0)
      << ReadTestFile(TempFile("by-hand.log"));
}

TEST_F(PackVerify, ExitCodesTellWhatHappened) {
  const std::string ca = TempFile("exit-ca.pem");
  WriteTestFile(ca, maker_->story.world.pki.ca().cert_pem);
  const auto run = [&](const std::string& pack, const std::string& trust, const std::string& format,
                       const std::string& policy) {
    VerifyArguments arguments;
    arguments.pack = pack;
    arguments.trust = trust;
    arguments.tsa_trust = {ca};
    arguments.log_key = EncodeVkey(test::kOrigin, maker_->story.world.log_key.public_key());
    arguments.format = format;
    arguments.policy = policy;
    std::ostringstream out;
    std::ostringstream err;
    return RunVerify(arguments, out, err);
  };
  const std::string strict = TempFile("strict.json");
  WriteTestFile(strict, "{\"require\": [\"held-checkpoint\"]}");
  const std::string unknown = TempFile("unknown.json");
  WriteTestFile(unknown, "{\"require\": [\"no-such-claim\"]}");
  const std::string bent = TempFile("exit-bent.asice");
  WriteTestFile(bent, ReadTestFile(good_) + "x");
  EXPECT_EQ(run(good_, ca, "json", ""), 0);
  EXPECT_EQ(run(bent, ca, "json", ""), 2);
  EXPECT_EQ(run(good_, ca, "json", strict), 3);
  EXPECT_EQ(run(good_, ca, "xml", ""), 64);
  EXPECT_EQ(run(good_, "", "json", ""), 64);
  EXPECT_EQ(run(good_, ca, "json", unknown), 65);
  EXPECT_EQ(run(good_, strict, "json", ""), 65);
  EXPECT_EQ(run(TempFile("missing.asice"), ca, "json", ""), 66);
  EXPECT_EQ(run(good_, TempFile("missing.pem"), "json", ""), 66);
}

}  // namespace
}  // namespace tom
