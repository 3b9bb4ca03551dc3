#include "checks/parse/json_tree.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(JsonTree, KeepsWhatItReads) {
  const auto tree = ParseJsonTree(
      R"({"b": [1, -2, 18446744073709551615, 1.50, true, null], "a": {"t": "x\u00e9"}})");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(tree->Find("a")->Text("t"), "x\xc3\xa9");
  const std::vector<JsonNode>& items = tree->Find("b")->items;
  ASSERT_EQ(items.size(), 6u);
  EXPECT_EQ(items[0].integer, 1);
  EXPECT_EQ(items[1].integer, -2);
  EXPECT_EQ(items[2].text, "18446744073709551615");
  EXPECT_EQ(items[3].text, "1.50");
  EXPECT_TRUE(items[4].boolean);
  EXPECT_EQ(items[5].kind, JsonNode::Kind::kNull);
  EXPECT_EQ(tree->Find("none"), nullptr);
  EXPECT_EQ(tree->Text("b"), "");
}

TEST(JsonTree, RefusesWhatIsNotJson) {
  const std::string cases[] = {"",
                               "{",
                               "{} x",
                               "{'a':1}",
                               "[1,]",
                               "\"\xff\"",
                               "[01]",
                               R"({"a":1,"a":2})",
                               "nul",
                               "[NaN]",
                               "// c\n{}",
                               "[\"\n\"]",
                               std::string("{}\0", 3)};
  for (const std::string& text : cases) {
    const auto tree = ParseJsonTree(text);
    EXPECT_EQ(tree.status().code(), absl::StatusCode::kInvalidArgument)
        << text << ": " << tree.status();
  }
}

TEST(JsonTree, IsBounded) {
  const auto code = [](const std::string& text) { return ParseJsonTree(text).status().code(); };
  EXPECT_EQ(code(std::string(64, '[') + std::string(64, ']')), absl::StatusCode::kOk);
  EXPECT_EQ(code(std::string(65, '[')), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(std::string(10 << 20, '[')), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(std::string((16 << 20) + 1, ' ')), absl::StatusCode::kResourceExhausted);
  std::string many = "[0";
  for (int i = 0; i < 500000; ++i) many += ",0";
  EXPECT_EQ(code(many + "]"), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace tom
