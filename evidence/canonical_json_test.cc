#include "evidence/canonical_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "evidence/status_text.h"

namespace tom {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(CanonicalJson, WritesOneSpelling) {
  const struct {
    Json value;
    std::string_view bytes;
  } kCases[] = {
      {Json(), "{}"},
      {Json(0), "0"},
      {Json(-Json::kMaxInteger), "-9007199254740991"},
      {Json("a\"\\/\x7f"), "\"a\\\"\\\\/\x7f\""},
      {Json("\b\f\n\r\t\x01\x1f"), R"("\b\f\n\r\t\u0001\u001f")"},
      {Json("\xC3\xA5\xE2\x82\xAC"), "\"\xC3\xA5\xE2\x82\xAC\""},
      // By bytes: upper case first, and U+10000 (F0...) after U+FFFF (EF...), unlike in UTF-16.
      {Json(
           Json::Object{{"b", 1}, {"B", 2}, {"", 3}, {"\xF0\x90\x80\x80", 4}, {"\xEF\xBF\xBF", 5}}),
       "{\"\":3,\"B\":2,\"b\":1,\"\xEF\xBF\xBF\":5,\"\xF0\x90\x80\x80\":4}"},
      {Json(Json::Array{Json("x"), Json(Json::Object{})}), R"(["x",{}])"}};
  for (const auto& c : kCases) {
    const auto bytes = EncodeCanonical(c.value);
    ASSERT_TRUE(bytes.ok()) << c.bytes << ": " << bytes.status();
    EXPECT_EQ(*bytes, c.bytes);
    const auto back = ParseCanonical(*bytes);
    ASSERT_TRUE(back.ok()) << c.bytes << ": " << back.status();
    EXPECT_EQ(*back, c.value) << c.bytes;
  }
}

Json Nested(int containers) {
  Json value(1);
  for (int i = 0; i < containers; ++i) {
    value = i % 2 == 0 ? Json(Json::Array{value}) : Json(Json::Object{{"a", value}});
  }
  return value;
}

TEST(CanonicalJson, RefusesToWriteWhatItCouldNotRead) {
  const std::pair<Json, const char*> kCases[] = {
      {Json(std::string_view("a\0b", 3)), "NUL"},
      {Json("\xFF"), "UTF-8"},
      {Json("\xED\xA0\x80"), "UTF-8"},
      {Json(Json::kMaxInteger + 1), "2^53"},
      {Json(INT64_MIN), "2^53"},
      {Json(Json::Array{}), "empty array"},
      {Json(Json::Object{{"\xFF", 1}}), "UTF-8"},
      {Json(Json::Object{{"a", Json(Json::Array{})}}), "empty array"},
      {Nested(33), "32"}};
  for (const auto& [value, problem] : kCases) {
    EXPECT_THAT(Message(EncodeCanonical(value).status()), HasSubstr(problem));
  }
  EXPECT_TRUE(EncodeCanonical(Nested(32)).ok());
}

TEST(CanonicalJson, ReadsOnlyWhatItWouldWrite) {
  const std::pair<std::string_view, const char*> kCases[] = {{"", "byte 0"},
                                                             {" {}", "byte 0"},
                                                             {"{} ", "trailing"},
                                                             {"{}{}", "trailing"},
                                                             {"{\"a\":1,\"a\":1}", "duplicate"},
                                                             {"{\"b\":1,\"a\":1}", "order"},
                                                             {"{\"a\": 1}", "byte 5"},
                                                             {"{\"a\":1,}", "key"},
                                                             {"{,\"a\":1}", "key"},
                                                             {"{\"a\"1}", "expected :"},
                                                             {"{\"a\":1", "expected , or }"},
                                                             {"{", "key"},
                                                             {"{1:1}", "key"},
                                                             {"[]", "byte 1"},
                                                             {"[1,]", "byte 3"},
                                                             {"[1", "expected , or ]"},
                                                             {"[1}", "expected , or ]"},
                                                             {"true", "expected"},
                                                             {"null", "expected"},
                                                             {"NaN", "expected"},
                                                             {"-", "expected"},
                                                             {"-0", "canonical"},
                                                             {"01", "canonical"},
                                                             {"+1", "expected"},
                                                             {"1.0", "trailing"},
                                                             {"1e3", "trailing"},
                                                             {"0x1", "trailing"},
                                                             {"9007199254740992", "2^53"},
                                                             {"-9007199254740992", "2^53"},
                                                             {"-9223372036854775808", "2^53"},
                                                             {"18446744073709551616", "expected"},
                                                             {"\"a", "without end"},
                                                             {"\"\\", "escape"},
                                                             {"\"\\u", "escape"},
                                                             {"\"\\u001", "escape"},
                                                             {R"("\/")", "escape"},
                                                             {R"("\u0041")", "escape"},
                                                             {R"("\u000a")", "escape"},
                                                             {R"("\u001F")", "escape"},
                                                             {R"("\u0022")", "escape"},
                                                             {R"("\u0000")", "NUL"},
                                                             {R"("\u00e5")", "escape"},
                                                             {R"("\ud83d\ude00")", "escape"},
                                                             {"\"\n\"", "control"},
                                                             {{"\"\0\"", 3}, "control"},
                                                             {{"{\"a\":1}\0", 8}, "trailing"},
                                                             {{"\0", 1}, "expected"},
                                                             {"\"\xC0\xAF\"", "UTF-8"},
                                                             {"\xEF\xBB\xBF{}", "expected"},
                                                             {"'a'", "expected"}};
  for (const auto& [bytes, problem] : kCases) {
    const auto parsed = ParseCanonical(bytes);
    ASSERT_FALSE(parsed.ok()) << bytes;
    EXPECT_THAT(Message(parsed.status()), HasSubstr(problem)) << bytes;
  }
}

TEST(CanonicalJson, DepthIsBoundedBeforeTheStackIs) {
  EXPECT_TRUE(ParseCanonical(Canonical(Nested(32))).ok());
  EXPECT_FALSE(ParseCanonical(std::string(33, '[') + "1" + std::string(33, ']')).ok());
  EXPECT_FALSE(ParseCanonical(std::string(1 << 20, '[')).ok());
}

// Any one changed, dropped or added byte is either refused or another value: never a second
// spelling of the same.
TEST(CanonicalJson, NoTwoBytesForOneValue) {
  const std::string good = R"({"a":[1,-20,"x\n\u0001"],"b":{"c":"\"å"},"d":9007199254740991})";
  const Json value = *ParseCanonical(good);
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    const size_t at = random() % bytes.size();
    switch (random() % 3) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, 1);
        break;
      default:
        bytes.insert(at, 1, static_cast<char>(random()));
    }
    const auto parsed = ParseCanonical(bytes);
    if (!parsed.ok() || bytes == good) continue;
    ASSERT_NE(*parsed, value) << bytes;
    ASSERT_EQ(Canonical(*parsed), bytes);
  }
}

TEST(CanonicalJson, ForeignValues) {
  EXPECT_EQ(Canonical(TextOrBytes("text")), "\"text\"");
  EXPECT_EQ(Canonical(TextOrBytes("\xFF")), R"({"bytes":"/w=="})");
  EXPECT_EQ(Canonical(TextOrBytes({"\0", 1})), R"({"bytes":"AA=="})");
  EXPECT_EQ(Canonical(IntegerOrText(Json::kMaxInteger)), "9007199254740991");
  EXPECT_EQ(Canonical(IntegerOrText(Json::kMaxInteger + 1)), "\"9007199254740992\"");
  EXPECT_EQ(Canonical(IntegerOrText(INT64_MIN)), "\"-9223372036854775808\"");
}

TEST(FieldReader, NamesTheMemberOfTheFirstError) {
  const struct {
    const char* json;
    const char* problem;
  } kCases[] = {{R"({})", "p.n: missing"},
                {R"({"n":"1","t":"x"})", "p.n: expected an integer"},
                {R"({"n":11,"t":"x"})", "p.n: out of range"},
                {R"({"n":1,"t":2})", "p.t: expected a string"},
                {R"({"n":1,"t":"x","u":1})", "p.u: unknown field"},
                {R"([1])", "p: expected an object"}};
  for (const auto& c : kCases) {
    const Json json = *ParseCanonical(c.json);
    FieldReader fields(json, "p");
    fields.Integer("n", 0, 10);
    fields.String("t");
    EXPECT_EQ(Message(fields.Finish()), c.problem) << c.json;
  }
}

TEST(FieldReader, TypedMembers) {
  const std::string hex = Sha256("").Hex();
  const Json json =
      *ParseCanonical(R"({"b":"Zg==","d":")" + hex + R"(","e":[")" + hex +
                      R"("],"f":1,"h":"0a","s":["a","b"],"t":"1970-01-01T00:00:01Z"})");
  FieldReader fields(json, "");
  EXPECT_EQ(fields.Bytes("b"), "f");
  EXPECT_EQ(fields.DigestOf("d"), Sha256(""));
  EXPECT_EQ(fields.Digests("e"), std::vector<Digest>{Sha256("")});
  EXPECT_TRUE(fields.Flag("f"));
  EXPECT_EQ(fields.Hex("h", 2), "0a");
  EXPECT_EQ(fields.StringSet("s"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fields.Time("t"), 1);
  EXPECT_EQ(fields.StringOr("x", "y"), "y");
  EXPECT_EQ(fields.Array("z"), nullptr);
  EXPECT_TRUE(fields.Finish().ok());
}

TEST(FieldReader, RefusesBadTypedMembers) {
  const auto fails = [](const char* text, const auto& read) {
    const Json json = *ParseCanonical(text);
    FieldReader fields(json, "p");
    read(fields);
    return Message(fields.Finish());
  };
  EXPECT_THAT(fails(R"({"f":2})", [](FieldReader& f) { f.Flag("f"); }), HasSubstr("p.f: out of"));
  EXPECT_THAT(fails(R"({"h":"0A"})", [](FieldReader& f) { f.Hex("h", 2); }), HasSubstr("p.h: exp"));
  EXPECT_THAT(fails(R"({"b":"Zh=="})", [](FieldReader& f) { f.Bytes("b"); }), HasSubstr("p.b: "));
  EXPECT_THAT(fails(R"({"t":"now"})", [](FieldReader& f) { f.Time("t"); }),
              HasSubstr("p.t: a time"));
  EXPECT_THAT(fails(R"({"s":["b","a"]})", [](FieldReader& f) { f.StringSet("s"); }),
              HasSubstr("p.s: not in ascending"));
  EXPECT_THAT(fails(R"({"s":["a","a"]})", [](FieldReader& f) { f.StringSet("s"); }),
              HasSubstr("without duplicates"));
  EXPECT_THAT(fails(R"({"s":["a",1]})", [](FieldReader& f) { f.Strings("s"); }),
              HasSubstr("p.s: expected strings"));
  EXPECT_THAT(fails(R"({"e":["00"]})", [](FieldReader& f) { f.Digests("e"); }), HasSubstr("p.e: "));
  EXPECT_THAT(fails(R"({"o":1})", [](FieldReader& f) { f.Object("o"); }), HasSubstr("an object"));
  EXPECT_THAT(fails(R"({"o":1})", [](FieldReader& f) { f.Array("o"); }), HasSubstr("an array"));
}

}  // namespace
}  // namespace tom
