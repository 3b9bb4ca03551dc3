#include "collector/store/sqlite_db.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kBusyMilliseconds = 10'000;

// SQLite would make the file with the process's umask; what it holds is nobody else's.
absl::Status MakePrivateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::UnavailableError(path + ": cannot be opened for writing");
  close(fd);
  return absl::OkStatus();
}

absl::StatusCode CodeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kAlreadyExists;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  TOM_RETURN_IF_ERROR(MakePrivateFile(path));
  std::unique_ptr<Database> db(new Database);  // NOLINT: the constructor is private
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &db->db_, flags, nullptr) != SQLITE_OK) {
    return db->Error("open " + path);
  }
  sqlite3_busy_timeout(db->db_, kBusyMilliseconds);
  sqlite3_db_config(db->db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                             "PRAGMA foreign_keys=OFF", "PRAGMA trusted_schema=OFF"}) {
    TOM_RETURN_IF_ERROR(db->Execute(pragma));
  }
  return db;
}

Database::~Database() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

absl::Status Database::Execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return Error(sql);
  return absl::OkStatus();
}

int64_t Database::LastId() const { return sqlite3_last_insert_rowid(db_); }
int64_t Database::Changes() const { return sqlite3_changes(db_); }

absl::Status Database::Error(std::string_view doing) const {
  const int code = db_ == nullptr ? SQLITE_CANTOPEN : sqlite3_errcode(db_);
  const char* message = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
  return {CodeOf(code), ToAbsl("store: " + std::string(doing.substr(0, 200)) + ": " + message)};
}

Query::Query(Database& db, const char* sql) : db_(db), sql_(sql) {
  const auto found = db.idle_.find(sql_);
  if (found != db.idle_.end() && !found->second.empty()) {
    statement_ = found->second.back();
    found->second.pop_back();
    return;
  }
  Check(sqlite3_prepare_v3(db.db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  db_.idle_[std::string(sql_)].push_back(statement_);
}

void Query::Check(int code) {
  if (code != SQLITE_OK && status_.ok()) status_ = db_.Error(sql_);
}

Query& Query::Add(int64_t value) {
  if (status_.ok()) Check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Query& Query::Add(std::string_view text) {
  if (!status_.ok()) return *this;
  Check(sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                            text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Query& Query::Add(Raw raw) {
  if (!status_.ok()) return *this;
  Check(sqlite3_bind_blob64(statement_, ++bound_,
                            raw.bytes.data() == nullptr ? "" : raw.bytes.data(), raw.bytes.size(),
                            SQLITE_TRANSIENT));
  return *this;
}

Query& Query::AddNull() {
  if (status_.ok()) Check(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

bool Query::Next() {
  if (!status_.ok()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) status_ = db_.Error(sql_);
  return false;
}

absl::Status Query::Run() {
  while (Next()) {
  }
  return status_;
}

bool Query::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Query::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

Digest Query::DigestAt(int column) {
  absl::StatusOr<Digest> digest = Digest::FromRaw(Text(column));
  if (digest.ok()) return *digest;
  status_ = absl::DataLossError(ToAbsl("store: no digest in: " + std::string(sql_.substr(0, 200))));
  return Digest();
}

std::optional<Digest> Query::MaybeDigest(int column) {
  if (IsNull(column)) return std::nullopt;
  return DigestAt(column);
}

std::optional<int64_t> Query::MaybeInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

}  // namespace tom
