#include "evidence/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/catalogue.h"

namespace tom {
namespace {

using testing::HasSubstr;

Context Example() {
  Context context;
  context.agent_version = "0.1.0";
  context.agent_binary = Sha256("binary");
  context.catalogue_version = 3;
  context.catalogue = Sha256("catalogue");
  context.groups = {{"1h", {"site/own", "tls"}}, {"24h", {"disk"}}};
  context.os = "Debian 12";
  context.pieces = {{"params", Sha256("a"), {"shared"}}, {"profile", Sha256("b"), {"c1", "c2"}}};
  context.pseudonym_key = std::string(32, '7');
  return context;
}

TEST(Context, ReadsBackAsWritten) {
  const std::string bytes = EncodeContext(Example());
  const auto read = ParseContext(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeContext(*read), bytes);
  EXPECT_EQ(read->groups, Example().groups);
}

TEST(Context, RefusesWhatIsNotInTheTable) {
  struct Case {
    const char* problem;
    std::function<void(Context&)> bend;
  };
  const std::vector<Case> cases = {
      {"context.groups: missing", [](Context& c) { c.groups.clear(); }},
      {"an interval is", [](Context& c) { c.groups["2h"] = {"x"}; }},
      {"not a check's id", [](Context& c) { c.groups["1h"] = {"X Y"}; }},
      {"stands in two groups", [](Context& c) { c.groups["5m"] = {"tls"}; }},
      {"ascending",
       [](Context& c) {
         c.groups["1h"] = {"b", "a"};
       }},
      {"expected params", [](Context& c) { c.pieces[0].kind = "other"; }},
      {"scope: missing", [](Context& c) { c.pieces[0].scope.clear(); }},
      {"order of kind and digest", [](Context& c) { std::swap(c.pieces[0], c.pieces[1]); }},
      {"order of kind and digest", [](Context& c) { c.pieces[1] = c.pieces[0]; }},
      {"pseudonym_key", [](Context& c) { c.pseudonym_key = "7"; }},
  };
  for (const Case& c : cases) {
    Context context = Example();
    c.bend(context);
    const auto read = ParseContext(EncodeContext(context));
    ASSERT_FALSE(read.ok()) << c.problem;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(c.problem));
  }
  EXPECT_FALSE(ParseContext("{}").ok());
  EXPECT_FALSE(ParseContext("[1]").ok());
}

TEST(ParamsPiece, CarriesValuesWithTheirSourceAndLeavesEmptyListsOut) {
  ParamsPiece piece;
  piece.check = "tls";
  piece.values = {{"minimum", "TLSv1.3"}, {"allowed", Json(Json::Array{})}};
  piece.sources = {{"minimum", "host"}, {"allowed", "profile"}};
  piece.profiles = {"a", "b"};
  piece.params = ParamsDigest(piece.values);
  const std::string bytes = EncodeParamsPiece(piece);
  const auto read = ParseParamsPiece(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeParamsPiece(*read), bytes);
  EXPECT_EQ(read->values.size(), 1u);
  EXPECT_EQ(read->sources.at("minimum"), "host");
}

TEST(ParamsPiece, RefusesOtherValuesThanItsDigestSays) {
  ParamsPiece piece;
  piece.check = "tls";
  piece.values = {{"minimum", "TLSv1.3"}};
  piece.params = Sha256("others");
  const auto read = ParseParamsPiece(EncodeParamsPiece(piece));
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("not the digest of the values"));
  const std::string empty = ParamsDigest({}).Hex();
  EXPECT_TRUE(ParseParamsPiece(R"({"check":"tls","params":")" + empty + R"(","values":{}})").ok());
  EXPECT_FALSE(ParseParamsPiece(R"({"check":"tls","params":")" + empty + R"("})").ok());
}

}  // namespace
}  // namespace tom
