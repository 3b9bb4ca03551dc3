#include "checks/parse/deb_control.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(DebControl, StanzasOfAStatusFile) {
  const auto read = ParseDebStanzas(
      "# a comment\nPackage: a\nStatus: install ok installed\nDescription: one\n two\n .\n three\n"
      "\n\n  \nPACKAGE:b\nVersion : 1\r\nno field\n\tcontinued\n: empty\n");
  ASSERT_EQ(read.stanzas.size(), 2u);
  EXPECT_EQ(read.stanzas[0].Field("description"), "one\ntwo\n\nthree");
  EXPECT_EQ(read.stanzas[0].line, 2);
  EXPECT_EQ(read.stanzas[1].Field("package"), "b");
  EXPECT_EQ(read.stanzas[1].Field("version"), "1\ncontinued");
  EXPECT_EQ(read.stanzas[1].Field("none"), "");
  EXPECT_EQ(read.bad_lines, 2u);
  EXPECT_FALSE(read.cut);
}

TEST(DebControl, KeepsWhatIsAskedFor) {
  const auto read = ParseDebStanzas("Package: a\nSize: 1\n more\n", {"package"});
  ASSERT_EQ(read.stanzas.size(), 1u);
  EXPECT_EQ(read.stanzas[0].fields.size(), 1u);
}

TEST(DebControl, TextOfASignedFile) {
  const auto read = ParseDebStanzas(
      "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nSuite: stable-security\n"
      "-----BEGIN PGP SIGNATURE-----\n\nOrigin: forged\n-----END PGP SIGNATURE-----\n");
  ASSERT_EQ(read.stanzas.size(), 1u);
  EXPECT_EQ(read.stanzas[0].Field("origin"), "Debian");
  EXPECT_EQ(read.stanzas[0].Field("hash"), "");
}

TEST(DebControl, AListInPiecesOfAnySize) {
  const std::string text =
      "Package: a\nVersion: 1\nArchitecture: amd64\n\nPackage: skipped\nVersion: 9\n\n"
      "Package: b\nArchitecture: all\nVersion: 2\nVersion-Note: 3\n continued Version: 4\n\n"
      "Package: c\nVersion: 3";
  for (size_t size = 1; size <= text.size(); ++size) {
    std::string seen;
    PackageListReader reader([](std::string_view name) { return name != "skipped"; },
                             [&](const DebPackage& one) {
                               seen.append(one.name).append("=").append(one.version);
                               seen.append("/").append(one.architecture).append(" ");
                             });
    for (size_t at = 0; at < text.size(); at += size)
      ASSERT_TRUE(reader.Take(text.substr(at, size)));
    reader.End();
    EXPECT_EQ(seen, "a=1/amd64 b=2/all c=3/ ") << size;
    EXPECT_EQ(reader.packages(), 4u);
  }
}

TEST(DebControl, ALineIsBounded) {
  PackageListReader reader([](std::string_view) { return true; }, [](const DebPackage&) {});
  EXPECT_FALSE(reader.Take(std::string((1 << 20) + 1, 'x')));
}

}  // namespace
}  // namespace tom
