// Databases told from the first bytes of a file, and whether they encrypt themselves. Sources: the
// formats' own documents (SQLite "Database File Format", InnoDB's fsp0types.h and MariaDB's
// fil0crypt.h, PostgreSQL's pg_dump, Redis' RDB, WiredTiger, Berkeley DB, LMDB). Bytes -> values,
// no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_DATABASE_MAGIC_H_
#define TOM_CHECKS_PARSE_DATABASE_MAGIC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

// All that has to be known of a file but InnoDB's, of which kInnodbBytes.
inline constexpr size_t kDatabaseStartBytes = 4096;
inline constexpr size_t kInnodbBytes = 64 << 10;

struct DatabaseFile {
  // sqlite, innodb, redis, wiredtiger, lmdb, berkeleydb, duckdb, h2, access, dump; "random" for a
  // database's name over bytes without any form (SQLCipher has no header that is not encrypted);
  // empty = none that is known.
  std::string kind;
  std::optional<bool> encrypted;  // by itself; absent = not known
  std::string detail;             // "PostgreSQL custom dump"
};

// `name` is the file's last name, `start` its first bytes, `size` of the whole file.
DatabaseFile TellDatabase(std::string_view name, std::string_view start, int64_t size);

// Of InnoDB's first page: absent when these are no first page of a table space.
std::optional<bool> InnodbEncrypted(std::string_view start);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DATABASE_MAGIC_H_
