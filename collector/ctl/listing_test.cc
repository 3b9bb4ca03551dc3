#include "collector/ctl/listing.h"

#include <gtest/gtest.h>

#include "collector/ctl/token_text.h"

namespace tom {
namespace {

TEST(Listing, ShowsTablesCsvAndJson) {
  const std::string json = R"({"rows":[{"a":"x","b":[1,"two"],"c":null},{"a":"longer","b":0.5}]})";
  EXPECT_EQ(FormatList(json, "rows", {"a", "b", "c"}, "table").value(),
            "a       b       c\nx       1, two\nlonger  0.5\n");
  EXPECT_EQ(FormatList(json, "rows", {"a", "b"}, "csv").value(),
            "a,b\r\nx,\"1, two\"\r\nlonger,0.5\r\n");
  EXPECT_EQ(FormatList("[]", "", {"a"}, "json").value(), "[]\n");
  EXPECT_EQ(FormatList("{\"a\":1}", "", {"a"}, "csv").value(), "a\r\n1\r\n");
  EXPECT_EQ(FormatList("{}", "rows", {"a"}, "table").value(), "a\n");
  EXPECT_FALSE(FormatList("{", "", {"a"}, "table").ok());
}

TEST(Listing, DisarmsWhatHostsWrote) {
  const std::string json = "[{\"a\":\"\\u001b[2Jx\\n\"}]";
  EXPECT_EQ(FormatList(json, "", {"a"}, "table").value(), "a\n\\x1b[2Jx\\n\n");
  const struct {
    const char* in;
    const char* out;
  } cases[] = {
      {"plain", "plain"}, {"=1+1", "'=1+1"},  {"@x", "'@x"},          {"-1", "'-1"},
      {"+1", "'+1"},      {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {"a\r\nb", "a\\x0d\\nb"},
      {"\t=x", "\\t=x"},
  };
  for (const auto& c : cases) EXPECT_EQ(CsvField(c.in), c.out) << c.in;
}

TEST(Listing, FindsTheOneRow) {
  const std::string json =
      R"([{"host":"1","system":"a"},{"host":"2","system":"b"},{"host":"3","system":"b"}])";
  EXPECT_EQ(OnlyRow(json, {"host", "system"}, "a").value(), R"({"host":"1","system":"a"})");
  EXPECT_EQ(OnlyRow(json, {"host", "system"}, "x").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OnlyRow(json, {"host", "system"}, "b").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(TokenText, IsUrlSafeAndNamesTheCa) {
  const std::string secret(kTokenSecretBytes, '\xfb');
  EXPECT_EQ(TokenText(secret, Sha256("ca")),
            "tom1.-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s." + Sha256("ca").Hex());
}

}  // namespace
}  // namespace tom
