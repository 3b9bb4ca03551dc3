// SQLite as RAII: one connection with its prepared statements, and one running query.
// A Database belongs to one thread at a time; a Query must not outlive it.
#ifndef TOM_COLLECTOR_STORE_SQLITE_DB_H_
#define TOM_COLLECTOR_STORE_SQLITE_DB_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tom {

class Database {
 public:
  // Creates the file (mode 0600) where it is missing. WAL, synchronous=FULL, waits up to 10 s for a
  // lock.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Statements without parameters or rows.
  absl::Status Execute(const char* sql);
  int64_t LastId() const;
  int64_t Changes() const;
  absl::Status Error(std::string_view doing) const;

 private:
  friend class Query;
  Database() = default;
  sqlite3* db_ = nullptr;
  std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;  // prepared, not in use
};

// Raw bytes as a BLOB; a plain string_view is TEXT.
struct Raw {
  std::string_view bytes;
};

// Parameters are bound in order; after the last one call Next until it is false, then look at
// status().
class Query {
 public:
  Query(Database& db, const char* sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Add(int64_t value);
  Query& Add(std::string_view text);
  Query& Add(Raw raw);
  Query& Add(const Digest& digest) { return Add(Raw{digest.Raw()}); }
  Query& AddNull();
  template <typename T>
  Query& Add(const std::optional<T>& value) {
    return value ? Add(*value) : AddNull();
  }

  // True on a row; false at the end and after an error.
  bool Next();
  absl::Status status() const { return status_; }
  // For what gives no row.
  absl::Status Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  std::string Text(int column) const;  // TEXT or BLOB, as bytes
  Digest DigestAt(int column);         // anything but 32 bytes is DataLoss in status()
  std::optional<Digest> MaybeDigest(int column);
  std::optional<int64_t> MaybeInt(int column) const;

 private:
  void Check(int code);
  Database& db_;
  std::string_view sql_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  absl::Status status_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_SQLITE_DB_H_
