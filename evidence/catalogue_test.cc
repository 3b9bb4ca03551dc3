#include "evidence/catalogue.h"

#include <gtest/gtest.h>

#include "evidence/status_text.h"

namespace tom {
namespace {

Check ExampleCheck() {
  Check check;
  check.id = "tls-minimum-version";
  check.measure = "encryption-in-transit";
  check.title = "TLS endpoints refuse old versions";
  check.severity = "high";
  check.interval = "1h";
  check.runs_on = "host";
  check.parameters["minimum"] = {
      .value = "TLSv1.2", .type = "tls_version", .stricter = "higher", .personal = ""};
  check.parameters["allowed"] = {
      .value = Json::Array{}, .type = "list", .stricter = "subset", .personal = "user"};
  check.query = "SELECT 1";
  check.volatile_columns = {"handshake_ms"};
  check.when_empty = "not_applicable";
  check.references = {"GDPR 32(1)(a)"};
  return check;
}

Profile ExampleProfile() {
  Profile profile;
  profile.id = "example-dpa";
  profile.title = "Agreement";
  profile.version = "2025-09";
  profile.effective_from = 1756684800;
  profile.time_zone = "Europe/Stockholm";
  Clause clause{.clause = "B.1",
                .promise = "p",
                .reading = "",
                .reading_by = {},
                .basis = "promised",
                .proof = "measured",
                .measures = {}};
  clause.measures["encryption-in-transit"]["allowed"] = Json::Array{};
  profile.clauses = {clause};
  profile.thresholds.remedy_seconds = {{"high", 30 * kDay}};
  return profile;
}

Catalogue ExampleCatalogue() {
  Catalogue catalogue;
  catalogue.version = 3;
  catalogue.checks["tls-minimum-version"] = ExampleCheck();
  catalogue.measures["encryption-in-transit"] = {.id = "encryption-in-transit",
                                                 .title = "t",
                                                 .statement = "s",
                                                 .references = {{"gdpr", {"32(1)(a)"}}}};
  catalogue.profiles["example-dpa"] = ExampleProfile();
  catalogue.authorities = {"der"};
  return catalogue;
}

TEST(Catalogue, WhatIsWrittenReadsBackToTheSameBytes) {
  const std::string bytes = EncodeCatalogue(ExampleCatalogue());
  const auto read = ParseCatalogue(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeCatalogue(*read), bytes);
  EXPECT_EQ(read->checks.at("tls-minimum-version").digest,
            CanonicalDigest(CheckToJson(ExampleCheck())));
  const Json& empty = read->profiles.at("example-dpa")
                          .clauses[0]
                          .measures.at("encryption-in-transit")
                          .at("allowed");
  EXPECT_EQ(empty, Json(Json::Array{}));
}

TEST(Catalogue, AChecksTrialEndsAtItsTimeOrWithTheCatalogue) {
  Catalogue catalogue = ExampleCatalogue();
  const std::string id = ExampleCheck().id;
  EXPECT_FALSE(IsObserved(catalogue, id, 0));
  catalogue.observed[id] = 1000;
  EXPECT_TRUE(IsObserved(catalogue, id, 999));
  EXPECT_FALSE(IsObserved(catalogue, id, 1000));
  auto read = ParseCatalogue(EncodeCatalogue(catalogue));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->observed, catalogue.observed);
  catalogue.observed[id] = std::nullopt;
  EXPECT_TRUE(IsObserved(catalogue, id, 1 << 30));
  read = ParseCatalogue(EncodeCatalogue(catalogue));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->observed, catalogue.observed);
  catalogue.observed = {{"no-such-check", std::nullopt}};
  EXPECT_FALSE(ParseCatalogue(EncodeCatalogue(catalogue)).ok());
}

TEST(Catalogue, CutOrGrownBytesAreRefused) {
  const std::string bytes = EncodeCatalogue(ExampleCatalogue());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseCatalogue(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ParseCatalogue(bytes + "\n").ok());
}

TEST(Catalogue, ErrorsNameTheMember) {
  struct Case {
    std::string member;
    Json value;
    std::string message;
  };
  const Case cases[] = {
      {"severity", "urgent", "severity: expected one of low"},
      {"interval", "2h", "interval: expected one of"},
      {"id", "Bad Id", "id: expected lower-case"},
      {"id", "site/site/x", "id: expected lower-case"},
      {"mode", "observe", "mode: unknown field"},
      {"cases", Json::Object{}, "cases: unknown field"},
      {"when_empty", "maybe", "when_empty: expected one of"},
      {"parameters",
       Json::Object{{"a", Json::Object{{"type", "text"}, {"stricter", "lower"}, {"value", "x"}}}},
       "parameters.a.stricter"},
      {"parameters",
       Json::Object{
           {"a", Json::Object{{"type", "integer"}, {"stricter", "lower"}, {"value", "7"}}}},
       "parameters.a.value"},
  };
  for (const Case& c : cases) {
    Json json = CheckToJson(ExampleCheck());
    json.AsObject()[c.member] = c.value;
    const auto check = CheckFromJson(json, "check");
    ASSERT_FALSE(check.ok()) << c.member;
    EXPECT_NE(std::string(check.status().message()).find(c.message), std::string::npos)
        << check.status();
  }
}

TEST(Catalogue, ACheckWithoutItsMeasureIsRefused) {
  Catalogue catalogue = ExampleCatalogue();
  catalogue.measures.clear();
  EXPECT_FALSE(ParseCatalogue(EncodeCatalogue(catalogue)).ok());
}

TEST(ProfileValues, TheStricterOfTwoClausesHolds) {
  Profile profile = ExampleProfile();
  profile.clauses[0].measures["encryption-in-transit"]["minimum"] = "TLSv1.3";
  Clause second = profile.clauses[0];
  second.measures["encryption-in-transit"]["minimum"] = "TLSv1.1";
  profile.clauses.push_back(second);
  EXPECT_EQ(ProfileValues(ExampleCheck(), profile).at("minimum"), Json("TLSv1.3"));
}

TEST(ProfileValues, OneClauseReplacesTheDefaultEvenWhereItIsLooser) {
  Profile profile = ExampleProfile();
  profile.clauses[0].measures["encryption-in-transit"]["minimum"] = "TLSv1.1";
  EXPECT_EQ(ProfileValues(ExampleCheck(), profile).at("minimum"), Json("TLSv1.1"));
}

TEST(ParamsDigest, EmptyListsAreLeftOut) {
  EXPECT_EQ(ParamsDigest({{"a", Json(Json::Array{})}}), Sha256("{}"));
  EXPECT_EQ(ParamsDigest({}), Sha256("{}"));
  EXPECT_EQ(ParamsDigest({{"a", Json(1)}}), Sha256("{\"a\":1}"));
}

TEST(Fraction, OnlyDecimalTexts) {
  EXPECT_EQ(ParseFractionPpm("0.98").value_or(-1), 980000);
  EXPECT_EQ(ParseFractionPpm("1.0").value_or(-1), 1000000);
  for (const char* bad : {"", "1", ".98", "0.", "1.01", "2.0", "0.9x", "-0.1", "0.1234567"}) {
    EXPECT_FALSE(ParseFractionPpm(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tom
