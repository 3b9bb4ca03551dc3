#include "evidence/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/authority.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

constexpr Kind kFirst = Kind::kReport;
constexpr Kind kLast = Kind::kRevocation;

TEST(Statement, KindsHaveNamesAndAuthorities) {
  for (int i = static_cast<int>(kFirst); i <= static_cast<int>(kLast); ++i) {
    const auto kind = static_cast<Kind>(i);
    ASSERT_TRUE(KindFromName(KindName(kind)).ok()) << KindName(kind);
    EXPECT_EQ(*KindFromName(KindName(kind)), kind);
    const Authority& authority = AuthorityOf(kind);
    EXPECT_EQ(authority.kind, kind);
    EXPECT_EQ(authority.purpose.has_value(), authority.rule == IdentityRule::kCertificate)
        << KindName(kind);
  }
  EXPECT_FALSE(KindFromName("").ok());
  EXPECT_FALSE(KindFromName("Report").ok());
}

TEST(Statement, AuthoritiesOfWhatMatters) {
  EXPECT_EQ(AuthorityOf(Kind::kApproval).purpose, Purpose::kApprover);
  EXPECT_EQ(AuthorityOf(Kind::kCatalogue).purpose, Purpose::kPublisher);
  EXPECT_EQ(AuthorityOf(Kind::kCatalogue).leaf, LeafKind::kCatalogue);
  EXPECT_EQ(AuthorityOf(Kind::kHandover).rule, IdentityRule::kOldHostKey);
  EXPECT_EQ(AuthorityOf(Kind::kTick).rule, IdentityRule::kLedgerKey);
  EXPECT_TRUE(AuthorityOf(Kind::kWaiver).needs_approval);
  EXPECT_TRUE(AuthorityOf(Kind::kExclusion).needs_approval);
  EXPECT_FALSE(AuthorityOf(Kind::kInventory).needs_approval);
}

TEST(Statement, EncodesInTotoAndReadsItBack) {
  const std::string bytes = EncodeKindStatement(Kind::kTick, Json::Object{{"size", 1}});
  EXPECT_EQ(
      bytes,
      R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"size":1},"predicateType":)"
      R"("https://tom-audit.example.org/predicate/tick/v1","subject":[{"digest":{"sha256":")" +
          Sha256(R"({"size":1})").Hex() + R"("},"name":"tick"}]})");
  const auto back = ParseKindStatement(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->kind, Kind::kTick);
  EXPECT_EQ(back->predicate.Find("size")->AsInteger(), 1);
}

TEST(Statement, RefusesOtherShapes) {
  const std::string good = EncodeKindStatement(Kind::kTick, Json::Object{{"size", 1}});
  const std::string digest = Sha256(R"({"size":1})").Hex();
  const std::pair<std::string, const char*> kCases[] = {
      {Replaced(good, "Statement/v1", "Statement/v0"), "_type: expected"},
      {Replaced(good, "tick/v1", "tick/v2"), "predicateType: unknown"},
      {Replaced(good, "predicate/tick", "predicate/ti"), "predicateType: unknown"},
      {Replaced(good, R"("predicate":{"size":1})", R"("predicate":"x")"),
       "predicate: expected an object"},
      {Replaced(good, R"("predicate":{"size":1},)", ""), "predicate: missing"},
      {Replaced(good, "\"predicate\":{\"size\":1}", "\"predicate\":{\"size\":2}"),
       "digest: not the predicate's"},
      {Replaced(good, R"("name":"tick")", R"("name":"label")"), "name: not the statement's"},
      {Replaced(good, R"("name":"tick")", R"("name":"tick","x":1)"), "subject[0].x: unknown field"},
      {Replaced(good, R"("sha256":")", R"("sha512":")"), "subject[0].digest.sha256: missing"},
      {Replaced(good, digest, digest.substr(1)), "64 lower-case"},
      {Replaced(good, R"("_type")", R"("_a":1,"_type")"), "_a: unknown field"},
      {Replaced(good, R"("subject":[)",
                R"("subject":[{"digest":{"sha256":")" + digest + R"("},"name":"a"},)"),
       "subject: expected exactly one"}};
  for (const auto& [bytes, problem] : kCases) {
    EXPECT_THAT(std::string(ParseKindStatement(bytes).status().message()), HasSubstr(problem))
        << bytes;
  }
}

TEST(Statement, SubjectsAreInOrder) {
  Statement statement{Kind::kReport, {{"b", Sha256("")}, {"a", Sha256("")}}, Json()};
  EXPECT_THAT(std::string(ParseStatement(EncodeStatement(statement)).status().message()),
              HasSubstr("subject[1].name: not in ascending"));
  statement.subjects = {{"a", Sha256("")}, {"a", Sha256("x")}};
  EXPECT_FALSE(ParseStatement(EncodeStatement(statement)).ok());
  statement.subjects = {{"a", Sha256("")}, {"b", Sha256("x")}};
  EXPECT_TRUE(ParseStatement(EncodeStatement(statement)).ok());
  EXPECT_FALSE(ParseKindStatement(EncodeStatement(statement)).ok());
  EXPECT_FALSE(ParseStatement(std::string(9 << 20, ' ')).ok());
}

}  // namespace
}  // namespace tom
