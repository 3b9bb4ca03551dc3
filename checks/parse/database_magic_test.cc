// What sqlite3 itself writes, and the forms that other programs document.
#include "checks/parse/database_magic.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "evidence/digest.h"

namespace tom {
namespace {

std::string Told(const std::string& name, const std::string& start, int64_t size = 8192) {
  const DatabaseFile file = TellDatabase(name, start, size);
  const std::string encrypted =
      file.encrypted.has_value() ? (*file.encrypted ? "encrypted" : "plain") : "unknown";
  return file.kind.empty() ? "none" : file.kind + " " + encrypted;
}

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str().substr(0, kDatabaseStartBytes);
}

TEST(DatabaseMagic, KnowsWhatSqliteWrites) {
  std::string pattern = testing::TempDir() + "sqliteXXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  const std::string file = folder + "/people";
  ASSERT_EQ(std::system(("sqlite3 " + file + " 'CREATE TABLE a (b)' && sqlite3 " + file +
                         " .dump > " + file + ".sql")
                            .c_str()),
            0);
  EXPECT_EQ(Told("people", Bytes(file)), "sqlite plain");
  EXPECT_EQ(Told("people.sql", Bytes(file + ".sql")), "dump plain");
  std::system(("rm -r " + folder).c_str());
}

TEST(DatabaseMagic, KnowsDocumentedForms) {
  const auto at = [](size_t offset, const std::string& bytes) {
    return std::string(offset, '\0') + bytes + std::string(64, '\0');
  };
  struct Case {
    const char* name;
    std::string start;
    const char* told;
  };
  const Case cases[] = {
      {"dump.rdb", at(0, "REDIS0011"), "redis plain"},
      {"appendonly.aof", at(0, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"), "redis plain"},
      {"WiredTiger", at(0, "WiredTiger\nWiredTiger 10.0.2: (Dec 21, 2021)\n"), "wiredtiger plain"},
      {"data.mdb", at(16, "\xde\xc0\xef\xbe"), "lmdb plain"},
      {"x", at(12, std::string("\x00\x06\x15\x61", 4)), "berkeleydb plain"},
      {"x", at(12, std::string("\x62\x31\x05\x00", 4)), "berkeleydb plain"},
      {"x.duckdb", at(8, "DUCK"), "duckdb plain"},
      {"x", at(0, "PGDMP\x01"), "dump plain"},
      {"x", at(0, "--\n-- PostgreSQL database cluster dump\n"), "dump plain"},
      {"x", at(0, "-- MySQL dump 10.13"), "dump plain"},
      {"x", at(0, "/*!999999\\- enable the sandbox mode */ \n"), "dump plain"},
      {"x", at(0, "SQLite format 4"), "none"},
      {"x", at(0, "SQLite format 3"), "sqlite plain"},
      {"note.txt", "SQLite format 3 is a format", "none"},
      {"x", "", "none"},
      {"x.db", at(0, "plain text"), "none"},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(c.name, c.start), c.told) << c.name << c.start;
}

TEST(DatabaseMagic, ADatabaseWithoutAnyFormIsNotCalledEncrypted) {
  std::string random;
  for (int i = 0; random.size() < kDatabaseStartBytes; ++i) {
    random += Sha256("block " + std::to_string(i)).Raw();
  }
  EXPECT_EQ(Told("people.db", random), "random unknown");
  EXPECT_EQ(Told("people.db", random, 8191), "none");
  EXPECT_EQ(Told("people.jpg", random), "none");
  EXPECT_EQ(Told("people.db", std::string(kDatabaseStartBytes, 'a')), "none");
  EXPECT_EQ(Told("people.db", random.substr(1)), "none");
}

std::string Page(uint32_t flags, const std::string& behind = "") {
  std::string page(16384, '\0');
  page[25] = 8;
  for (int i = 0; i < 4; ++i) page[54 + i] = static_cast<char>(flags >> (24 - 8 * i));
  return page.replace(10000, behind.size(), behind);
}

std::string Maria(uint8_t scheme, uint8_t key_version) {
  std::string data("s\x0e\x0cREt", 6);
  data += static_cast<char>(scheme);
  data += '\x10';
  data += std::string(16, 'v') + std::string(3, '\0') + static_cast<char>(key_version);
  return data + std::string(3, '\0') + "\x01" + std::string(1, '\0');
}

TEST(DatabaseMagic, TellsTableSpacesThatEncryptThemselves) {
  EXPECT_EQ(Told("a.ibd", Page(0x4021)), "innodb plain");
  EXPECT_EQ(Told("a.ibd", Page(0x4021 | 1U << 13)), "innodb encrypted");
  EXPECT_EQ(Told("a.ibd", Page(0x15, Maria(1, 1))), "innodb encrypted");
  EXPECT_EQ(Told("a.ibd", Page(0x15, Maria(1, 0))), "innodb plain");
  EXPECT_EQ(Told("a.ibd", Page(0x15, Maria(0, 1))), "innodb plain");
  EXPECT_EQ(Told("ibdata1", Page(0)), "innodb plain");
  EXPECT_EQ(Told("a.frm", Page(0)), "none");
  EXPECT_EQ(Told("a.ibd", Page(0).replace(25, 1, "\x45")), "none");
  EXPECT_EQ(Told("a.ibd", Page(0).substr(0, 100)), "none");
}

}  // namespace
}  // namespace tom
