#include "checks/parse/dm_table.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

std::string Zeros(size_t digits) { return std::string(digits, '0'); }

TEST(DmTable, TellsCipherAndSizeOfTheKeyInUse) {
  struct Case {
    std::string line;
    const char* cipher;
    int key_bytes;
    int bits;  // -1 = not known
    bool discards;
  };
  const Case cases[] = {
      {"swap: 0 2097152 crypt aes-xts-plain64 " + Zeros(128) + " 0 254:3 0", "aes-xts-plain64", 64,
       256, false},
      {"weak: 0 2097152 crypt aes-xts-plain64 " + Zeros(64) + " 0 254:3 0", "aes-xts-plain64", 32,
       128, false},
      {"root: 0 41906176 crypt aes-xts-plain64 :64:logon:cryptsetup:0123-d0 0 8:2 32768 1 "
       "allow_discards",
       "aes-xts-plain64", 64, 256, true},
      {"null: 0 8 crypt cipher_null-ecb - 0 8:2 0", "cipher_null-ecb", 0, 0, false},
      {"auth: 0 8 crypt capi:authenc(hmac(sha256),xts(aes))-random " + Zeros(192) +
           " 0 253:0 0 1 integrity:48:hmac(sha256)",
       "capi:authenc(hmac(sha256),xts(aes))-random", 64, 256, false},
      {"tag: 0 8 crypt aes-xts-plain64 " + Zeros(192) + " 0 253:0 0 1 integrity:28:new(x)",
       "aes-xts-plain64", -1, -1, false},
      {"lmk: 0 8 crypt aes:64-cbc-lmk " + Zeros(4096) + " 0 253:0 0", "aes:64-cbc-lmk", -1, -1,
       false},
      {"odd: 0 8 crypt aes-xts-plain64 " + Zeros(63) + " 0 254:3 0", "aes-xts-plain64", -1, -1,
       false},
      {"ring: 0 8 crypt aes-xts-plain64 :x:logon:a 0 254:3 0", "aes-xts-plain64", -1, -1, false},
  };
  for (const Case& c : cases) {
    const DmTables tables = ParseDmTables(c.line + "\n");
    ASSERT_TRUE(tables.problems.empty()) << c.line << tables.problems[0];
    const auto found = tables.mappings.find(c.line.substr(0, c.line.find(':')));
    ASSERT_NE(found, tables.mappings.end()) << c.line;
    ASSERT_EQ(found->second.size(), 1u);
    const DmTarget& target = found->second[0];
    EXPECT_EQ(target.type, "crypt");
    EXPECT_EQ(target.cipher, c.cipher) << c.line;
    EXPECT_EQ(target.key_bytes, c.key_bytes) << c.line;
    EXPECT_EQ(target.strength.bits.value_or(-1), c.bits) << c.line;
    EXPECT_EQ(target.allows_discards, c.discards) << c.line;
  }
}

TEST(DmTable, AMappingOfSeveralPartsHasThemAll) {
  const DmTables tables =
      ParseDmTables("half: 0 100 crypt aes-xts-plain64 " + Zeros(128) +
                    " 0 8:2 0\nhalf: 100 100 linear 8:2 100\nvg-root: 0 5 linear 253:0 2048\n");
  EXPECT_TRUE(tables.problems.empty());
  ASSERT_EQ(tables.mappings.size(), 2u);
  EXPECT_EQ(tables.mappings.at("half").size(), 2u);
  EXPECT_EQ(tables.mappings.at("half")[1].type, "linear");
}

TEST(DmTable, WhatIsNoLineOfATableIsAProblemAndNoCipher) {
  EXPECT_TRUE(ParseDmTables("").mappings.empty());
  EXPECT_TRUE(ParseDmTables("No devices found\n").mappings.empty());
  for (const char* line : {"root", "root: ", "root: x 8 crypt a b 0 c 0", "root: 0 8",
                           "root: 0 8 crypt aes-xts-plain64 00 0 8:2", "root: -1 8 linear 8:2 0"}) {
    const DmTables tables = ParseDmTables(line);
    EXPECT_EQ(tables.problems.size(), 1u) << line;
    for (const auto& [name, targets] : tables.mappings) EXPECT_EQ(targets.at(0).type, "?") << line;
  }
}

}  // namespace
}  // namespace tom
