#include "checks/parse/apt_sources.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(AptSources, OneLineForm) {
  const AptSources read = ParseAptSourcesList(
      "# deb http://off.example.org x main\n"
      "deb [ arch=amd64,arm64 Signed-By=/k.gpg ] https://deb.example.org/debian bookworm main "
      "contrib # why\n"
      "deb-src\thttp://deb.example.org/debian/ bookworm main\r\n"
      "deb file:/srv/flat ./\n"
      "rpm http://x y z\ndeb http://only.example.org\ndeb [trusted=yes http://x y z\n"
      "deb http://x suite\ndeb http://x flat/ main\n");
  ASSERT_EQ(read.sources.size(), 3u);
  EXPECT_EQ(read.problems.size(), 5u);
  const AptSource& first = read.sources[0];
  EXPECT_EQ(first.uri, "https://deb.example.org/debian");
  EXPECT_EQ(first.suite, "bookworm");
  EXPECT_EQ(first.components, (std::vector<std::string>{"main", "contrib"}));
  EXPECT_EQ(first.options.at("signed-by"), "/k.gpg");
  EXPECT_EQ(first.options.at("arch"), "amd64,arm64");
  EXPECT_EQ(first.line, 2);
  EXPECT_EQ(read.sources[2].suite, "./");
}

TEST(AptSources, Deb822) {
  const AptSources read = ParseAptSourcesDeb822(
      "Types: deb deb-src\nURIs: http://a.example.org/d\n http://b.example.org/d\n"
      "Suites: one one-updates\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY "
      "BLOCK-----\n\n"
      "Enabled: no\nTypes: deb\nURIs: http://c.example.org\nSuites: x/\nArchitectures: amd64\n\n"
      "Types: deb\nURIs: http://d.example.org\n");
  ASSERT_EQ(read.sources.size(), 9u);
  EXPECT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(read.sources[0].type, "deb");
  EXPECT_EQ(read.sources[3].uri, "http://b.example.org/d");
  EXPECT_EQ(read.sources[3].suite, "one-updates");
  EXPECT_TRUE(read.sources[0].enabled);
  EXPECT_FALSE(read.sources[8].enabled);
  EXPECT_EQ(read.sources[8].options.at("arch"), "amd64");
}

TEST(AptSources, AProductOfListsIsBounded) {
  std::string text = "Types: deb\nURIs:";
  for (int i = 0; i < 150; ++i) text.append(" http://a").append(std::to_string(i));
  text.append("\nSuites:");
  for (int i = 0; i < 150; ++i) text.append(" s").append(std::to_string(i));
  const AptSources many = ParseAptSourcesDeb822(text + "\nComponents: main\n");
  EXPECT_EQ(many.sources.size(), kMaxAptSources);
  EXPECT_EQ(many.problems.size(), 1u);
  const AptSources large =
      ParseAptSourcesDeb822(text + "\nSigned-By: " + std::string(900000, 'x') + "\n");
  EXPECT_LT(large.sources.size(), 20u);
  EXPECT_EQ(large.problems.size(), 1u);
}

TEST(AptSources, NamesOfLists) {
  struct Case {
    const char* uri;
    const char* suite;
    const char* prefix;
  };
  const Case cases[] = {
      {"http://deb.example.org/debian", "bookworm", "deb.example.org_debian_dists_bookworm_"},
      {"http://deb.example.org/debian/", "stable/updates",
       "deb.example.org_debian_dists_stable_updates_"},
      {"https://user:secret@deb.example.org/x_y", "s", "deb.example.org_x%5fy_dists_s_"},
      {"http://deb.example.org:8080/~a", "s", "deb.example.org:8080_%7ea_dists_s_"},
      {"file:/srv/flat", "./", "_srv_flat_._"},
      {"http://h/x", "sub/", "h_x_sub_"},
      {"http://h", "/", "h_"},
  };
  for (const Case& c : cases) {
    AptSource source;
    source.uri = c.uri;
    source.suite = c.suite;
    EXPECT_EQ(AptListPrefix(source), c.prefix) << c.uri << " " << c.suite;
  }
}

}  // namespace
}  // namespace tom
