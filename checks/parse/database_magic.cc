#include "checks/parse/database_magic.h"

#include <algorithm>
#include <array>

namespace tom {
namespace {

using Bytes = std::string_view;

bool Has(Bytes start, size_t at, Bytes magic) {
  return start.size() >= at + magic.size() && start.substr(at, magic.size()) == magic;
}

bool EndsWith(Bytes text, Bytes end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

uint32_t Big(Bytes start, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint8_t>(start[at + i]);
  return value;
}

struct Magic {
  size_t at;
  Bytes bytes;
  const char* kind;
  const char* detail;
};

// Formats without encryption of their own, or whose encrypted form looks otherwise.
constexpr Magic kMagics[] = {
    {0, Bytes("SQLite format 3\0", 16), "sqlite", "SQLite 3"},
    {0, "** This file contains an SQLite 2", "sqlite", "SQLite 2"},
    {0, "REDIS0", "redis", "RDB snapshot"},
    {0, "*2\r\n$6\r\nSELECT\r\n", "redis", "append-only file"},
    {0, "WiredTiger\nWiredTiger ", "wiredtiger", "WiredTiger"},
    {16, Bytes("\xde\xc0\xef\xbe", 4), "lmdb", "LMDB"},
    {16, Bytes("\xbe\xef\xc0\xde", 4), "lmdb", "LMDB"},
    {12, Bytes("\x61\x15\x06\x00", 4), "berkeleydb", "Berkeley DB hash"},
    {12, Bytes("\x00\x06\x15\x61", 4), "berkeleydb", "Berkeley DB hash"},
    {12, Bytes("\x62\x31\x05\x00", 4), "berkeleydb", "Berkeley DB tree"},
    {12, Bytes("\x00\x05\x31\x62", 4), "berkeleydb", "Berkeley DB tree"},
    {8, "DUCK", "duckdb", "DuckDB"},
    {0, "H2:", "h2", "H2"},
    {0, "-- H2 0.5/B --", "h2", "H2"},
    {4, "Standard Jet DB", "access", "Access"},
    {4, "Standard ACE DB", "access", "Access"},
    {0, "PGDMP", "dump", "PostgreSQL custom dump"},
    {0, "--\n-- PostgreSQL database", "dump", "PostgreSQL dump"},
    {0, "-- MySQL dump", "dump", "MySQL dump"},
    {0, "-- MariaDB dump", "dump", "MariaDB dump"},
    {0, "/*!999999\\- enable the sandbox mode */", "dump", "MariaDB dump"},
    {0, "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", "dump", "SQLite dump"},
};

bool IsTableSpace(Bytes name) {
  return EndsWith(name, ".ibd") || name.substr(0, 6) == "ibdata" ||
         (name.substr(0, 5) == "undo_" && name.size() == 8);
}

bool HasDatabaseName(Bytes name) {
  for (const Bytes end : {".db", ".sqlite", ".sqlite3", ".db3", ".s3db", ".sdb"}) {
    if (EndsWith(name, end)) return true;
  }
  return false;
}

// No form: every byte's count is about what chance gives (chi-squared over 256 values; 4,096 random
// bytes give 255 on average, and less than 350 but once in 10,000 times).
bool LooksRandom(Bytes start) {
  if (start.size() < kDatabaseStartBytes) return false;
  std::array<double, 256> counts{};
  for (const char c : start.substr(0, kDatabaseStartBytes)) counts[static_cast<uint8_t>(c)] += 1;
  constexpr double kExpected = static_cast<double>(kDatabaseStartBytes) / 256;
  double sum = 0;
  for (const double count : counts) sum += (count - kExpected) * (count - kExpected) / kExpected;
  return sum < 400;
}

}  // namespace

// The page's header tells its type at 24; the table space's flags stand at 54, and behind the
// page's descriptors MariaDB writes how it encrypts.
std::optional<bool> InnodbEncrypted(std::string_view start) {
  constexpr size_t kTypeAt = 24;
  constexpr size_t kFlagsAt = 54;
  constexpr uint32_t kFirstPage = 8;
  constexpr uint32_t kMysqlEncrypted = 1U << 13;
  constexpr uint32_t kMariaFullCrc = 1U << 4;  // then the other bits mean something else
  if (start.size() < 1024 || Big(start, kTypeAt, 2) != kFirstPage) return std::nullopt;
  static constexpr Bytes kMaria("s\x0e\x0cREt", 6);
  const size_t at = start.find(kMaria);
  if (at != Bytes::npos && start.size() >= at + 33) {
    // Scheme, length of the vector, the vector, the least key version, the key's id, the setting.
    const auto scheme = static_cast<uint8_t>(start[at + 6]);
    const uint32_t key_version = Big(start, at + 24, 4);
    return scheme == 1 && key_version != 0;
  }
  const uint32_t flags = Big(start, kFlagsAt, 4);
  const bool mysql = (flags & kMysqlEncrypted) != 0 && (flags & kMariaFullCrc) == 0;
  return mysql;
}

DatabaseFile TellDatabase(std::string_view name, std::string_view start, int64_t size) {
  for (const Magic& magic : kMagics) {
    if (Has(start, magic.at, magic.bytes)) {
      return {.kind = magic.kind, .encrypted = false, .detail = magic.detail};
    }
  }
  if (IsTableSpace(name)) {
    const auto encrypted = InnodbEncrypted(start);
    if (encrypted.has_value()) {
      return {.kind = "innodb", .encrypted = encrypted, .detail = "InnoDB table space"};
    }
  }
  if (HasDatabaseName(name) && size % 512 == 0 && LooksRandom(start)) {
    return {.kind = "random", .encrypted = std::nullopt, .detail = "no known form, as SQLCipher's"};
  }
  return {};
}

}  // namespace tom
