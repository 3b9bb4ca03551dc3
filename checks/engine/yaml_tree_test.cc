#include "checks/engine/yaml_tree.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(YamlTree, ScalarsStayText) {
  const auto root =
      ParseYaml("a: 010\nb: yes\nc: \"7\"\nd: ~\ne: [x, 1.50]\nf: |\n  t\n", "f.yaml");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->Find("a")->text, "010");
  EXPECT_EQ(root->Find("b")->text, "yes");
  EXPECT_TRUE(root->Find("c")->quoted);
  EXPECT_TRUE(root->Find("d")->IsNull());
  EXPECT_EQ(root->Find("e")->items[1].text, "1.50");
  EXPECT_EQ(root->Find("f")->text, "t\n");
  EXPECT_EQ(root->Find("e")->line, 5);
  EXPECT_EQ(root->Find("e")->column, 4);
}

TEST(YamlTree, WhatIsRefusedNamesItsPlace) {
  struct Case {
    std::string text;
    std::string message;
  };
  const Case cases[] = {
      {"a: &x 1\n", "f.yaml:1:4: anchors"},
      {"a: &x [*x]\n", "f.yaml:1:"},
      {"a: *x\n", "f.yaml:1:"},
      {"a: !!int 3\n", "f.yaml:1:4: tags"},
      {"a: !x {}\n", "f.yaml:1:4: tags"},
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key: a"},
      {"a: {b: 1, b: 2}\n", "duplicate key: b"},
      {"a: 1\n---\nb: 2\n", "more than one document"},
      {"? [x]\n: 1\n", "a key must be a text"},
      {"~: 1\n", "a key must be a text"},
      {"a: [1\n", "f.yaml:"},
      {"a: \"\\0\"\n", "NUL"},
      {"a: \xff\xfe\xfd\n", "f.yaml: not UTF-8"},
      {"\xff\xfe" + std::string("a\0:\0", 4), "f.yaml:1:4: a control character"},
      {std::string("\0a: 1\n", 6), "f.yaml:1:1: a control character"},
      {std::string("a: 1\nb: \0\n", 10), "f.yaml:2:4: a control character"},
      {"a: 1\n\x04"
       "b: 2\n",
       "f.yaml:2:1: a control character"},
      {"a: \x1b[2J\n", "f.yaml:1:4: a control character"},
      {std::string(2000, '['), "f.yaml:1:"},
      {std::string(kMaxYamlBytes + 1, ' '), "larger than 1 MiB"},
  };
  for (const Case& c : cases) {
    const auto root = ParseYaml(c.text, "f.yaml");
    ASSERT_FALSE(root.ok()) << c.text.substr(0, 40);
    EXPECT_NE(std::string(root.status().message()).find(c.message), std::string::npos)
        << c.text.substr(0, 40) << " gave " << root.status();
  }
}

TEST(YamlFields, ErrorsNameFileLineAndKey) {
  struct Case {
    std::string text;
    std::string message;
  };
  const Case cases[] = {
      {"n: 010\n", "f.yaml:1:4: top.n: expected a whole"},
      {"n: \"7\"\n", "top.n: expected a whole"},
      {"n: 99\n", "top.n: expected a number from 0 to 10"},
      {"n: 7\nb: yes\n", "f.yaml:2:4: top.b: expected true or false"},
      {"n: 7\nd: 26\n", "top.d: a duration"},
      {"n: 7\nl: x\n", "top.l: expected a list"},
      {"n: 7\nl: [[x]]\n", "top.l: expected a list of texts"},
      {"n: 7\nzz: 1\n", "f.yaml:2:5: top.zz: unknown key"},
      {"b: true\n", "top.n: missing"},
      {"[1]\n", "f.yaml:1:1: top: expected a map"},
  };
  for (const Case& c : cases) {
    const auto root = ParseYaml(c.text, "f.yaml");
    ASSERT_TRUE(root.ok()) << root.status();
    YamlFields fields(*root, "f.yaml", "top");
    fields.Integer("n", 0, 10);
    fields.BooleanOr("b", false);
    fields.DurationSecondsOr("d", 1);
    fields.Texts("l");
    const absl::Status status = fields.Finish();
    ASSERT_FALSE(status.ok()) << c.text;
    EXPECT_NE(std::string(status.message()).find(c.message), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace tom
