// A pack for one controller: nothing of another's in any byte of the file, and still every claim
// holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "collector/assessment/assemble.h"
#include "collector/pack/pack_writer.h"
#include "collector/pack/test_town.h"
#include "evidence/bundle.h"
#include "evidence/report_numbers.h"
#include "evidence/verify.h"

namespace tom::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Profile ProfileOf(const std::string& id, const std::string& title, const std::string& minimum) {
  Profile profile = SmallProfile(minimum);
  profile.id = id;
  profile.title = title;
  return ProfileFromJson(ProfileToJson(profile), "profile").value();
}

// alpha has web-a, beta has web-b, and on web-ab one endpoint of alpha's host is beta's.
class TwoControllers {
 public:
  TwoControllers() {
    town.ListSystems({{"web-a", {"alpha"}}, {"web-b", {"beta"}}, {"web-ab", {"alpha", "beta"}}});
    const Profile alpha = ProfileOf("alpha-dpa", "Agreement-Alpha", "TLSv1.2");
    const Profile beta = ProfileOf("beta-dpa", "Agreement-Beta", "TLSv1.3");
    town.PutProfile(alpha);
    town.PutProfile(beta);
    const Catalogue catalogue = SmallCatalogue();
    const Digest published = town.Publish(catalogue);
    Host& a = Enrol("web-a", {"alpha"}, "subject-alpha", "configuration-alpha");
    Host& b = Enrol("web-b", {"beta"}, "subject-beta", "configuration-beta");
    Host& ab = Enrol("web-ab", {"alpha"}, "subject-alpha-2", "configuration-alpha-2");
    ab.Set("tls", "subject-beta-2", Verdict::kFail);
    ab.scopes["subject-beta-2"] = {"beta"};
    ab.reasons["subject-beta-2"] = "reason-beta-2";
    ab.params_scope = {"alpha", "beta"};
    a.SetContext(catalogue, published, alpha);
    b.SetContext(catalogue, published, beta);
    ab.SetContext(catalogue, published, alpha);
    town.Run(kStart + 3 * kDay + 1, {&a, &b, &ab});
  }

  Host& Enrol(const std::string& system, const std::vector<std::string>& controllers,
              const std::string& subject, const std::string& configuration) {
    Host& host = town.Enrol(system, controllers);
    host.configuration = configuration;
    host.Set("tls", subject, Verdict::kFail);
    host.Set("disk", subject, Verdict::kPass);
    host.reasons[subject] = "reason-" + subject;
    return host;
  }

  PackRequest Request(const std::string& profile, const std::string& controller) const {
    PackRequest request;
    request.profile = profile;
    request.from = kStart + kDay;
    request.to = kStart + 2 * kDay;
    if (!controller.empty()) request.controller = controller;
    return request;
  }

  PackFiles Pack(const std::string& profile, const std::string& controller) {
    auto files = town.Pack(Request(profile, controller));
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *std::move(files) : PackFiles();
  }

  TestTown town;
};

TwoControllers& Town() {
  static auto& town = *new TwoControllers();
  return town;
}

// Everything a file says, what it carries in base64 too.
std::string Spoken(const PackFiles& files) {
  std::string all;
  for (const auto& [name, bytes] : files) {
    all += name + "\n" + bytes + "\n";
    if (name.rfind("evidence/hosts/", 0) == 0) {
      const HostBundle bundle = ParseHostBundle(bytes).value();
      for (const BundleChain& chain : bundle.chains) {
        for (const BundleStatement& statement : chain.statements) all += statement.payload + "\n";
      }
    }
  }
  const ScopeChain chain = ParseScopeChain(files.at(std::string(kScopeName))).value();
  for (const auto* list : {&chain.entries, &chain.catalogues}) {
    for (const ScopeEntry& entry : *list) all += entry.statement.payload + "\n";
  }
  return all;
}

const char* const kOfAlpha[] = {"subject-alpha",        "subject-alpha-2",  "reason-subject-alpha",
                                "name-of-web-a\"",      "owner-of-web-a\"", "configuration-alpha",
                                "configuration-alpha-2"};
const char* const kOfBeta[] = {"subject-beta",   "subject-beta-2",  "reason-subject-beta",
                               "reason-beta-2",  "name-of-web-b\"", "owner-of-web-b\"",
                               "Agreement-Beta", "TLSv1.3",         "configuration-beta"};

TEST(PackPrivacy, HoldsNothingOfAnotherController) {
  const PackFiles files = Town().Pack("alpha-dpa", "alpha");
  const std::string spoken = Spoken(files);
  for (const char* own : kOfAlpha) EXPECT_THAT(spoken, HasSubstr(own));
  for (const char* foreign : kOfBeta) EXPECT_EQ(spoken.find(foreign), std::string::npos) << foreign;
  EXPECT_THAT(spoken, HasSubstr("name-of-web-ab"));
}

TEST(PackPrivacy, HoldsForTheOtherOneToo) {
  const PackFiles files = Town().Pack("beta-dpa", "beta");
  const std::string spoken = Spoken(files);
  for (const char* own : kOfBeta) EXPECT_THAT(spoken, HasSubstr(own));
  for (const char* foreign : kOfAlpha) {
    EXPECT_EQ(spoken.find(foreign), std::string::npos) << foreign;
  }
}

TEST(PackPrivacy, APackOfEverythingHoldsBoth) {
  const std::string spoken = Spoken(Town().Pack("alpha-dpa", ""));
  for (const char* text : kOfAlpha) EXPECT_THAT(spoken, HasSubstr(text));
  for (const char* text : kOfBeta) EXPECT_THAT(spoken, HasSubstr(text));
}

// Withholding changes no figure: the same as from everything, asked for that controller.
TEST(PackPrivacy, FiguresAreThoseOfTheWholeEvidence) {
  for (const auto& [profile, controller] :
       {std::pair("alpha-dpa", "alpha"), std::pair("beta-dpa", "beta")}) {
    const PackFiles files = Town().Pack(profile, controller);
    PackFiles whole = Town().Pack(profile, "");
    whole[std::string(kPackFactsName)] = files.at(std::string(kPackFactsName));
    const JudgedEvidence withheld = Town().town.Judge(files);
    const JudgedEvidence judged = Town().town.Judge(whole);
    EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), StartsWith("proven")) << controller;
    EXPECT_THAT(StateOf(withheld, "verdicts-recomputed"), StartsWith("proven")) << controller;
    ASSERT_FALSE(withheld.rollup.measures.empty());
    EXPECT_FALSE(Measure(withheld, "in-transit").findings.empty()) << controller;
  }
}

TEST(PackPrivacy, WhatIsWithheldIsDisclosedWithWhy) {
  const JudgedEvidence judged = Town().town.Judge(Town().Pack("alpha-dpa", "alpha"));
  for (const Claim& claim : judged.claims) {
    if (claim.claim != "bodies-withheld-or-erased") {
      EXPECT_EQ(claim.state, ClaimState::kProven) << claim.claim << ": " << claim.detail;
      continue;
    }
    EXPECT_EQ(claim.state, ClaimState::kDisclosed);
    EXPECT_THAT(claim.detail, HasSubstr("names of systems shown, 1 withheld"));
    EXPECT_THAT(claim.detail, HasSubstr("row bodies shown, 3 withheld"));
    EXPECT_THAT(claim.detail, HasSubstr("context pieces shown, 3 withheld"));
    EXPECT_THAT(claim.detail, HasSubstr("belongs to other controllers than alpha"));
    EXPECT_THAT(claim.pieces, ::testing::Contains("system web-b: 1 withheld"));
  }
  const JudgedEvidence everything = Town().town.Judge(Town().Pack("alpha-dpa", ""));
  EXPECT_THAT(StateOf(everything, "bodies-withheld-or-erased"), StartsWith("proven"));
}

// `files` signed and stamped, as a file.
std::string Written(const PackFiles& files, const std::string& name) {
  TestTown& town = Town().town;
  const TestPerson person = town.collector.Person(Purpose::kPackSigner);
  std::string path = ::testing::TempDir() + "/" + name;
  unlink(path.c_str());
  auto writer = PackWriter::Create(path).value();
  for (const auto& [file, bytes] : files) {
    TestTown::Must(writer->Begin(file));
    TestTown::Must(writer->Append(bytes));
    TestTown::Must(writer->End());
  }
  const StampFetcher stamp = [&](const Digest& imprint) -> absl::StatusOr<std::string> {
    return town.stamper.Token(static_cast<UnixSeconds>(std::time(nullptr)), imprint);
  };
  TestTown::Must(writer->Finish({person.certificate, person.key}, stamp));
  return path;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Verification Verified(const std::string& path) {
  VerifyOptions options;
  const EvidenceTrust trust = Town().town.Settings().trust;
  options.ca_der = trust.ca_der;
  options.log_key = trust.log_key;
  options.publisher_der = trust.publisher_der;
  options.tsa_authorities = trust.tsa_authorities;
  options.at = static_cast<UnixSeconds>(std::time(nullptr)) + 60;
  auto verification = VerifyPack(path, options);
  EXPECT_TRUE(verification.ok()) << verification.status();
  return verification.ok() ? *std::move(verification) : Verification();
}

TEST(PackPrivacy, TheSignedFileIsValidAndSilent) {
  const std::string path = Written(Town().Pack("alpha-dpa", "alpha"), "private.asice");
  EXPECT_EQ(Judge(Verified(path).claims, DefaultPolicy()), PackVerdict::kValid);
  const std::string bytes = ReadAll(path);
  for (const char* foreign : kOfBeta) EXPECT_EQ(bytes.find(foreign), std::string::npos) << foreign;
  EXPECT_THAT(bytes, HasSubstr("name-of-web-a"));
}

// Openings and withheld bodies leave no byte that nobody looks at: all of the ZIP's own structures,
// of META-INF and its end, and a comb through the payload, which digests cover alike.
TEST(PackPrivacy, NoByteOfAPackWithOpeningsCanBeChanged) {
  PackRequest request = Town().Request("alpha-dpa", "alpha");
  request.whole_below = 0;
  const PackFiles files = Town().town.Pack(request).value();
  const std::string path = Written(files, "opened.asice");
  const Verification good = Verified(path);
  ASSERT_EQ(Judge(good.claims, DefaultPolicy()), PackVerdict::kValid);
  const auto told = [&](const char* name, ClaimState state) {
    return std::any_of(good.claims.begin(), good.claims.end(), [&](const Claim& claim) {
      return claim.claim == name && claim.state == state;
    });
  };
  EXPECT_TRUE(told("verdicts-recomputed", ClaimState::kDisclosed));
  EXPECT_TRUE(told("bodies-withheld-or-erased", ClaimState::kDisclosed));
  const std::string bytes = ReadAll(path);
  std::vector<bool> wanted(bytes.size(), false);
  for (size_t at = 0; at < bytes.size(); at += 499) wanted[at] = true;
  for (size_t at = bytes.find("PK"); at != std::string::npos; at = bytes.find("PK", at + 1)) {
    for (size_t i = at; i < std::min(at + 46, bytes.size()); ++i) wanted[i] = true;
  }
  for (size_t at = bytes.find("META-INF/"); at < bytes.size(); at += 5) wanted[at] = true;
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&](size_t at, char byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.flush();
  };
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (!wanted[at]) continue;
    put(at, static_cast<char>(bytes[at] ^ (1 << at % 8)));
    const std::vector<Claim> claims = Verified(path).claims;
    ASSERT_EQ(ExitCode(Judge(claims, DefaultPolicy())), 2) << at << " of " << bytes.size();
    const bool reason = std::any_of(claims.begin(), claims.end(), [](const Claim& claim) {
      return claim.state == ClaimState::kDisproven && !claim.detail.empty();
    });
    ASSERT_TRUE(reason) << at;
    put(at, bytes[at]);
  }
  EXPECT_EQ(Judge(Verified(path).claims, DefaultPolicy()), PackVerdict::kValid);
}

// The first params piece of the pack's host contexts whose bytes hold `text`.
std::string PieceWith(const PackFiles& files, const std::string& text) {
  for (const auto& [name, bytes] : files) {
    if (name.rfind("evidence/blobs/", 0) == 0 && bytes.rfind("{\"check\":", 0) == 0 &&
        bytes.find(text) != std::string::npos) {
      return name;
    }
  }
  return "";
}

TEST(PackPrivacy, OwnParametersThatAreLeftOutProveNothing) {
  PackFiles files = Town().Pack("alpha-dpa", "alpha");
  const std::string piece = PieceWith(files, "\"check\":\"tls\"");
  ASSERT_NE(piece, "");
  files.erase(piece);
  const JudgedEvidence judged = Town().town.Judge(files);
  EXPECT_THAT(StateOf(judged, "host-chains"), StartsWith("unproven"));
  EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), Not(StartsWith("proven")));
  EXPECT_THAT(StateOf(judged, "bodies-withheld-or-erased"), HasSubstr("missing"));
}

TEST(PackPrivacy, AForgedNameOfASystemIsFound) {
  PackFiles files = Town().Pack("alpha-dpa", "alpha");
  for (auto& [name, bytes] : files) {
    const size_t at = bytes.find("name-of-web-a\"");
    if (name.rfind("evidence/blobs/", 0) == 0 && at != std::string::npos) bytes[at] = 'N';
  }
  EXPECT_THAT(StateOf(Town().town.Judge(files), "bodies-withheld-or-erased"),
              StartsWith("disproven"));
}

// Rows of alpha under parameters that the host says are beta's alone: a fail counts, a pass covers
// nothing.
TEST(PackPrivacy, RowsUnderWithheldParametersNeverCover) {
  TestTown town;
  town.ListSystems({{"web-a", {"alpha"}}});
  const Profile profile = ProfileOf("alpha-dpa", "Agreement-Alpha", "TLSv1.2");
  town.PutProfile(profile);
  const Catalogue catalogue = SmallCatalogue();
  const Digest published = town.Publish(catalogue);
  Host& host = town.Enrol("web-a", {"alpha"});
  host.params_scope = {"beta"};
  host.Set("tls", "a", Verdict::kFail);
  host.Set("disk", "d", Verdict::kPass);
  host.SetContext(catalogue, published, profile);
  town.Run(kStart + 2 * kDay + 1, {&host});
  PackRequest request;
  request.profile = "alpha-dpa";
  request.controller = "alpha";
  request.from = kStart + kDay;
  const auto files = town.Pack(request);
  ASSERT_TRUE(files.ok()) << files.status();
  const JudgedEvidence judged = town.Judge(*files);
  EXPECT_EQ(Status(judged, "in-transit"), "not_satisfied");
  EXPECT_EQ(Status(judged, "at-rest"), "not_assessed");
  EXPECT_EQ(Measure(judged, "at-rest").coverage_ppm, 0);
}

// alpha's host is beta's from the second day on: both packs tell it, as the collector does.
TEST(PackPrivacy, ALabelMovesAHostFromItsStampOn) {
  TestTown town;
  town.ListSystems({{"web-a", {"alpha", "beta"}}});
  town.PutProfile(SmallProfile());
  const Digest published = town.Publish(SmallCatalogue());
  Host& host = town.Enrol("web-a", {"alpha"});
  host.Set("tls", "a", Verdict::kPass);
  host.Set("disk", "d", Verdict::kPass);
  host.SetContext(SmallCatalogue(), published, SmallProfile());
  town.Run(kStart + 2 * kDay, {&host});
  town.PutLabel(host, {"beta"});
  town.Run(kStart + 3 * kDay + 1, {&host});
  for (const char* controller : {"alpha", "beta"}) {
    PackRequest request;
    request.profile = "small-dpa";
    request.controller = controller;
    request.from = kStart + kDay;
    const PackFiles files = town.Pack(request).value();
    const JudgedEvidence judged = town.Judge(files);
    EXPECT_EQ(Measure(judged, "in-transit").coverage_ppm, 500000) << controller;
    EXPECT_THAT(files.at("report/index.html"), HasSubstr("host " + host.id + " to beta"));
    Json numbers;
    TestTown::Must(town.collector.collector->store().Read([&](const StoreView& view) {
      const auto assessed = AssessStore(view, "small-dpa", judged.input.period, controller);
      if (!assessed.ok()) return assessed.status();
      numbers = ReportNumbers(assessed->rollup, assessed->rules);
      return absl::OkStatus();
    }));
    EXPECT_EQ(Canonical(ReportNumbers(judged.rollup, judged.input)), Canonical(numbers));
  }
}

}  // namespace
}  // namespace tom::test
