#include "checks/parse/debsecan_data.h"

#include <gtest/gtest.h>

#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<DebsecanData> Read(std::string_view text, size_t piece = 7) {
  DebsecanReader reader([](std::string_view name) { return name != "other"; });
  for (size_t at = 0; at < text.size(); at += piece) {
    TOM_RETURN_IF_ERROR(reader.Take(text.substr(at, piece)));
  }
  return reader.Finish();
}

constexpr char kWhole[] =
    "VERSION 1\nCVE-2026-0001,,One, with a comma\nCVE-2026-0002,,Two\n\n"
    "foo,0,SHRF,1.2-3,1.1-1+deb12u1 1.0\nfoo,1,B ? ,,\nother,1,S   ,1,\n\n"
    "foo,foo libfoo\nother,other\n\n";

TEST(DebsecanData, ReadsThreeSectionsInPiecesOfAnySize) {
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}}) {
    const auto data = Read(kWhole, piece);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_TRUE(data->ended);
    EXPECT_EQ(data->bugs + data->entries + data->sources, 2u + 3u + 2u);
    EXPECT_EQ(data->bad_lines, 0u);
    ASSERT_EQ(data->vulnerabilities.size(), 1u);
    const auto& foo = data->vulnerabilities.at("foo");
    ASSERT_EQ(foo.size(), 2u);
    EXPECT_EQ(foo[0].bug + " " + foo[0].urgency + " " + foo[0].unstable,
              "CVE-2026-0001 high 1.2-3");
    EXPECT_TRUE(foo[0].fix_available && foo[0].remote.value_or(false) && !foo[0].binary);
    EXPECT_EQ(foo[0].others, (std::vector<std::string>{"1.1-1+deb12u1", "1.0"}));
    EXPECT_TRUE(foo[1].binary && !foo[1].remote && !foo[1].fix_available);
    EXPECT_EQ(data->binaries.at("foo"), (std::vector<std::string>{"foo", "libfoo"}));
  }
}

TEST(DebsecanData, JudgesAsDebsecanDoes) {
  struct Case {
    const char* kind;
    const char* unstable;
    std::vector<std::string> others;
    DebsecanPackage package;
    bool vulnerable;
  };
  const Case cases[] = {
      {"S", "2", {}, {"lib", "1", "foo", "1"}, true},
      {"S", "2", {}, {"lib", "3", "foo", "2"}, false},
      {"S", "2", {"1"}, {"lib", "9", "foo", "1"}, false},
      {"S", "2", {"0:1"}, {"lib", "9", "foo", "1"}, false},
      {"S", "", {}, {"lib", "9", "foo", "9"}, true},
      {"S", "", {"9"}, {"lib", "1", "foo", "9"}, false},
      {"S", "2", {}, {"foo", "1", "bar", "1"}, false},
      {"B", "2", {"1"}, {"foo", "1", "bar", "5"}, true},
      {"B", "2", {}, {"foo", "2", "bar", "1"}, false},
      {"B", "", {"1"}, {"foo", "1", "foo", "1"}, true},
      {"B", "2", {"1"}, {"lib", "0", "foo", "1"}, false},
      {"S", "1:1", {}, {"lib", "2", "foo", "2"}, true},
      {"S", "2", {}, {"lib", "2~rc1", "foo", "2~rc1"}, true},
  };
  for (const Case& c : cases) {
    DebsecanVulnerability one;
    one.package = "foo";
    one.binary = c.kind[0] == 'B';
    one.unstable = c.unstable;
    one.others = c.others;
    EXPECT_EQ(IsVulnerable(one, c.package), c.vulnerable)
        << c.kind << " " << c.unstable << " " << c.package.name << " " << c.package.version;
  }
}

TEST(DebsecanData, SaysWhatIsNotWhole) {
  EXPECT_FALSE(Read("").ok());
  EXPECT_FALSE(Read("VERSION 2\n").ok());
  EXPECT_FALSE(Read("VERSION 1\nCVE-1,,a\n").ok());
  EXPECT_FALSE(Read(std::string("VERSION 1\n") + std::string(3 << 20, 'x'), 1 << 20).ok());
  // Data of no release has two sections.
  const auto generic = Read("VERSION 1\nCVE-1,,a\n\nfoo,0,S   ,1,\n\n");
  ASSERT_TRUE(generic.ok());
  EXPECT_EQ(generic->sources, 0u);
  EXPECT_FALSE(generic->ended);
  EXPECT_FALSE(Read("VERSION 1\nCVE-1,,a\n\nfoo,0,S   ,1,\n\nfoo,foo")->ended);
}

TEST(DebsecanData, LinesThatAreNotUnderstoodAreCounted) {
  const char* const lines[] = {"foo",           "foo,9,S   ,1,", "foo,-1,S   ,1,",
                               "foo,x,S   ,1,", "foo,0,SX  ,",   "foo,0,SX  ,1,",
                               "foo,0,S X ,1,", "foo,0,S ,1,",   ",0,S   ,1,"};
  for (const char* line : lines) {
    const auto data = Read(std::string("VERSION 1\nCVE-1,,a\n\n") + line + "\n\nfoo,foo\n\n");
    ASSERT_TRUE(data.ok()) << line;
    EXPECT_EQ(data->bad_lines, 1u) << line;
    EXPECT_EQ(data->first_bad, 4u) << line;
    EXPECT_TRUE(data->vulnerabilities.empty()) << line;
  }
}

}  // namespace
}  // namespace tom
