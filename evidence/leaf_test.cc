#include "evidence/leaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tom {
namespace {

using ::testing::HasSubstr;

LeafBody Report() {
  return {.kind = LeafKind::kReport,
          .digest = Sha256("statement"),
          .received_at = 86400,
          .host = std::string(32, '1'),
          .chain = std::string(16, '2'),
          .seq = 3,
          .scope_prev = std::nullopt,
          .salt = std::string(32, '4')};
}

LeafBody Scope() {
  LeafBody body;
  body.kind = LeafKind::kScope;
  body.digest = Sha256("s");
  body.received_at = 1;
  body.salt = std::string(32, '5');
  return body;
}

absl::StatusOr<LeafBody> ThereAndBack(const LeafBody& body) {
  const Json json = LeafBodyToJson(body);
  return LeafBodyFromJson(json, "leaf");
}

TEST(Leaf, DataTellsOnlyADigest) {
  EXPECT_EQ(LeafData(Sha256("")), R"({"d":")" + Sha256("").Hex() + R"(","v":1})");
}

TEST(Leaf, RoundTrips) {
  LeafBody handover = Report();
  handover.kind = LeafKind::kHandover;
  handover.chain.reset();
  handover.seq.reset();
  LeafBody later = Scope();
  later.scope_prev = LeafBodyDigest(Scope());
  for (const LeafBody& body : {Report(), handover, Scope(), later}) {
    const auto back = ThereAndBack(body);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, body);
    EXPECT_EQ(LeafBodyDigest(body), CanonicalDigest(LeafBodyToJson(body)));
  }
  EXPECT_NE(LeafBodyDigest(Scope()), LeafBodyDigest(later));
}

TEST(Leaf, MembersOfOtherKindsAreRefused) {
  const auto problem = [](LeafBody body, const auto& change) {
    change(body);
    return std::string(ThereAndBack(body).status().message());
  };
  EXPECT_THAT(problem(Report(), [](LeafBody& b) { b.host.reset(); }),
              HasSubstr("leaf.host: missing"));
  EXPECT_THAT(problem(Report(), [](LeafBody& b) { b.chain.reset(); }),
              HasSubstr("leaf.chain: missing"));
  EXPECT_THAT(problem(Report(), [](LeafBody& b) { b.seq.reset(); }),
              HasSubstr("leaf.seq: missing"));
  EXPECT_THAT(problem(Report(), [](LeafBody& b) { b.scope_prev = Digest(); }),
              HasSubstr("leaf.scope_prev: does not stand"));
  EXPECT_THAT(problem(Report(), [](LeafBody& b) { b.kind = LeafKind::kHandover; }),
              HasSubstr("leaf.chain: does not stand"));
  EXPECT_THAT(problem(Scope(), [](LeafBody& b) { b.host = std::string(32, '1'); }),
              HasSubstr("leaf.host: does not stand"));
  EXPECT_THAT(problem(Scope(), [](LeafBody& b) { b.salt = "x"; }), HasSubstr("leaf.salt"));
}

}  // namespace
}  // namespace tom
