#include "checks/parse/msgpack.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

using namespace std::string_literals;
using Kind = MsgpackNode::Kind;

TEST(Msgpack, EveryFormIsRead) {
  struct Case {
    std::string bytes;
    Kind kind;
    int64_t integer;
    std::string text;
  };
  const Case cases[] = {
      {"\x07"s, Kind::kInteger, 7, ""},
      {"\xff"s, Kind::kInteger, -1, ""},
      {"\xcc\xff"s, Kind::kInteger, 255, ""},
      {"\xcd\x01\x00"s, Kind::kInteger, 256, ""},
      {"\xce\x00\x01\x00\x00"s, Kind::kInteger, 65536, ""},
      {"\xcf\x00\x00\x00\x01\x00\x00\x00\x00"s, Kind::kInteger, int64_t{1} << 32, ""},
      {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"s, Kind::kReal, 0, ""},
      {"\xd0\x80"s, Kind::kInteger, -128, ""},
      {"\xd1\xff\x00"s, Kind::kInteger, -256, ""},
      {"\xd3\xff\xff\xff\xff\xff\xff\xff\xfe"s, Kind::kInteger, -2, ""},
      {"\xa3"
       "abc"s,
       Kind::kBytes, 0, "abc"},
      {"\xd9\x02"
       "ab"s,
       Kind::kBytes, 0, "ab"},
      {"\xda\x00\x02"
       "ab"s,
       Kind::kBytes, 0, "ab"},
      {"\xc4\x01\x00"s, Kind::kBytes, 0, "\0"s},
      {"\xc0"s, Kind::kNil, 0, ""},
      {"\xc3"s, Kind::kBool, 0, ""},
      {"\xcb\x00\x00\x00\x00\x00\x00\x00\x00"s, Kind::kReal, 0, ""},
      {"\xd4\x01\x02"s, Kind::kExtension, 0, ""},
      {"\x92\x01\x02"s, Kind::kArray, 0, ""},
      {"\xdc\x00\x01\x05"s, Kind::kArray, 0, ""},
      {"\x81\xa1k\x05"s, Kind::kMap, 0, ""},
  };
  for (const Case& c : cases) {
    const auto node = ParseMsgpack(c.bytes);
    ASSERT_TRUE(node.ok()) << testing::PrintToString(c.bytes) << node.status();
    EXPECT_EQ(node->kind, c.kind) << testing::PrintToString(c.bytes);
    EXPECT_EQ(node->integer, c.integer) << testing::PrintToString(c.bytes);
    EXPECT_EQ(node->bytes, c.text) << testing::PrintToString(c.bytes);
    for (size_t cut = 1; cut <= c.bytes.size(); ++cut) {
      EXPECT_TRUE(
          absl::IsOutOfRange(ParseMsgpack(c.bytes.substr(0, c.bytes.size() - cut)).status()))
          << testing::PrintToString(c.bytes) << " less " << cut;
    }
    EXPECT_TRUE(absl::IsInvalidArgument(ParseMsgpack(c.bytes + "x").status()));
  }
}

TEST(Msgpack, MapsAreLookedInto) {
  const auto map = ParseMsgpack(
      "\x82\xa1"
      "a\x05\xa1"
      "b\xa2xy"s);
  ASSERT_TRUE(map.ok());
  ASSERT_NE(map->Find("a"), nullptr);
  EXPECT_EQ(map->Find("a")->integer, 5);
  EXPECT_EQ(map->Bytes("b"), "xy");
  EXPECT_EQ(map->Bytes("a"), "");
  EXPECT_EQ(map->Find("c"), nullptr);
}

TEST(Msgpack, HostileSizesAndDepthsAreRefused) {
  EXPECT_FALSE(ParseMsgpack("\xc1"s).ok());
  EXPECT_FALSE(ParseMsgpack("\xdb\xff\xff\xff\xff"s).ok());
  EXPECT_FALSE(ParseMsgpack("\xdd\xff\xff\xff\xff"s).ok());
  EXPECT_FALSE(ParseMsgpack("\xdf\xff\xff\xff\xff"s).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(ParseMsgpack(std::string(1000, '\x91')).status()));
  std::string many = "\xdd\x00\x10\x00\x00"s;
  many.append(1 << 20, '\x01');
  EXPECT_TRUE(absl::IsResourceExhausted(ParseMsgpack(many).status()));
}

TEST(Msgpack, ValuesInARowAreReadOneByOne) {
  const std::string bytes = "\x01\xa1x\x92\x01"s;
  size_t at = 0;
  EXPECT_EQ(ReadMsgpack(bytes, at)->integer, 1);
  EXPECT_EQ(ReadMsgpack(bytes, at)->bytes, "x");
  EXPECT_EQ(at, 3u);
  EXPECT_TRUE(absl::IsOutOfRange(ReadMsgpack(bytes, at).status()));
  EXPECT_EQ(at, 3u);
}

}  // namespace
}  // namespace tom
