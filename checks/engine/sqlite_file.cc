#include "checks/engine/sqlite_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <memory>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kBlock = 1 << 20;
constexpr size_t kMostBlocks = 8;
constexpr size_t kHeader = 100;
constexpr int kMostLinks = 8;

// Bytes of one file, by blocks of which the last few are kept.
class BlockReader {
 public:
  BlockReader(Env& env, std::string path, int64_t size)
      : env_(env), path_(std::move(path)), size_(size) {}

  int64_t size() const { return size_; }

  // Fewer at the end of the file; false: it could not be read.
  bool Read(int64_t offset, size_t bytes, char* to, size_t& got) {
    got = 0;
    while (got < bytes && offset + static_cast<int64_t>(got) < size_) {
      const int64_t at = offset + static_cast<int64_t>(got);
      const std::string* block = Block(at / static_cast<int64_t>(kBlock));
      if (block == nullptr) return false;
      const auto inside = static_cast<size_t>(at % static_cast<int64_t>(kBlock));
      if (inside >= block->size()) return true;
      const size_t count = std::min(bytes - got, block->size() - inside);
      std::copy_n(block->data() + inside, count, to + got);
      got += count;
    }
    return true;
  }

 private:
  const std::string* Block(int64_t number) {
    for (auto one = blocks_.begin(); one != blocks_.end(); ++one) {
      if (one->first != number) continue;
      blocks_.splice(blocks_.begin(), blocks_, one);
      return &blocks_.front().second;
    }
    auto bytes = env_.ReadRange(path_, static_cast<uint64_t>(number) * kBlock, kBlock);
    if (!bytes.ok()) return nullptr;
    if (blocks_.size() >= kMostBlocks) blocks_.pop_back();
    blocks_.emplace_front(number, *std::move(bytes));
    return &blocks_.front().second;
  }

  Env& env_;
  std::string path_;
  int64_t size_;
  std::list<std::pair<int64_t, std::string>> blocks_;
};

// What the VFS of one question serves.
struct Files {
  BlockReader* main = nullptr;
  BlockReader* wal = nullptr;  // null: none, or an empty one
  Env* env = nullptr;
};

struct OpenFile {
  sqlite3_file base;  // must be the first
  BlockReader* reader;
};

BlockReader* ReaderOf(sqlite3_file* file) { return reinterpret_cast<OpenFile*>(file)->reader; }

int CloseFile(sqlite3_file*) { return SQLITE_OK; }
int ReadFile(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  BlockReader* reader = ReaderOf(file);
  size_t got = 0;
  if (reader != nullptr &&
      !reader->Read(offset, static_cast<size_t>(bytes), static_cast<char*>(to), got)) {
    return SQLITE_IOERR_READ;
  }
  if (got == static_cast<size_t>(bytes)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + got, 0, static_cast<size_t>(bytes) - got);
  return SQLITE_IOERR_SHORT_READ;
}
int WriteFile(sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; }
int TruncateFile(sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; }
int SyncFile(sqlite3_file*, int) { return SQLITE_OK; }
int SizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
  const BlockReader* reader = ReaderOf(file);
  *size = reader == nullptr ? 0 : reader->size();
  return SQLITE_OK;
}
// Nobody else is kept out, and what they change meanwhile is found out afterwards.
int LockFile(sqlite3_file*, int) { return SQLITE_OK; }
int CheckLock(sqlite3_file*, int* locked) {
  *locked = 0;
  return SQLITE_OK;
}
int ControlFile(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return 4096; }
int Characteristics(sqlite3_file*) { return 0; }

const sqlite3_io_methods kMethods = {
    1,        CloseFile, ReadFile,  WriteFile,   TruncateFile, SyncFile,        SizeOfFile,
    LockFile, LockFile,  CheckLock, ControlFile, SectorSize,   Characteristics, nullptr,
    nullptr,  nullptr,   nullptr,   nullptr,     nullptr};

int OpenIn(sqlite3_vfs* vfs, const char*, sqlite3_file* file, int flags, int* out_flags) {
  auto* files = static_cast<Files*>(vfs->pAppData);
  auto* open = reinterpret_cast<OpenFile*>(file);
  open->base.pMethods = nullptr;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    open->reader = files->main;
  } else if ((flags & SQLITE_OPEN_WAL) != 0) {
    open->reader = files->wal;
  } else {
    return SQLITE_CANTOPEN;
  }
  open->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}
int DeleteIn(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE; }
int AccessIn(sqlite3_vfs* vfs, const char* name, int, int* result) {
  const auto* files = static_cast<const Files*>(vfs->pAppData);
  *result = std::string_view(name).ends_with("-wal") && files->wal != nullptr ? 1 : 0;
  return SQLITE_OK;
}
int FullPath(sqlite3_vfs*, const char* name, int bytes, char* to) {
  sqlite3_snprintf(bytes, to, "%s", name);
  return SQLITE_OK;
}
int Randomness(sqlite3_vfs*, int bytes, char* to) {
  std::memset(to, 7, static_cast<size_t>(bytes));
  return bytes;
}
int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int CurrentTime(sqlite3_vfs* vfs, double* julian) {
  constexpr double kUnixEpoch = 2440587.5;
  constexpr double kDay = 86400;
  *julian = kUnixEpoch + static_cast<double>(static_cast<Files*>(vfs->pAppData)->env->Now()) / kDay;
  return SQLITE_OK;
}
int LastError(sqlite3_vfs*, int, char*) { return 0; }

// Only what a SELECT needs.
int Authorise(void* request, int action, const char* first, const char* function, const char*,
              const char*) {
  if (action == SQLITE_PRAGMA && static_cast<const SqliteRequest*>(request)->check_whole) {
    return std::string_view(first) == "quick_check" ? SQLITE_OK : SQLITE_DENY;
  }
  if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE) {
    return SQLITE_OK;
  }
  if (action == SQLITE_FUNCTION) {
    const std::string_view name = function == nullptr ? "" : function;
    return name == "load_extension" || name == "zeroblob" || name == "randomblob" ? SQLITE_DENY
                                                                                  : SQLITE_OK;
  }
  return SQLITE_DENY;
}

struct Deadline {
  Env* env;
  int64_t at;
};

int Progress(void* argument) {
  const auto* deadline = static_cast<const Deadline*>(argument);
  return deadline->env->MonotonicMs() > deadline->at ? 1 : 0;
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// Registers a VFS for as long as it lives.
class Vfs {
 public:
  explicit Vfs(Files& files)
      : name_("tom-files-" + std::to_string(reinterpret_cast<uintptr_t>(&files))) {
    vfs_.iVersion = 1;
    vfs_.szOsFile = sizeof(OpenFile);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &files;
    vfs_.xOpen = OpenIn;
    vfs_.xDelete = DeleteIn;
    vfs_.xAccess = AccessIn;
    vfs_.xFullPathname = FullPath;
    vfs_.xRandomness = Randomness;
    vfs_.xSleep = Sleep;
    vfs_.xCurrentTime = CurrentTime;
    vfs_.xGetLastError = LastError;
    registered_ = sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK;
  }
  ~Vfs() {
    if (registered_) sqlite3_vfs_unregister(&vfs_);
  }
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;

  const char* name() const { return name_.c_str(); }
  bool registered() const { return registered_; }

 private:
  std::string name_;
  sqlite3_vfs vfs_ = {};
  bool registered_ = false;
};

void Limit(sqlite3* database) {
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, 64 << 10);
  sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, 20);
  sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 250000);
  sqlite3_limit(database, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // In exclusive mode the index of a -wal is kept in memory; nothing may be spilled into a file.
  sqlite3_exec(database,
               "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA query_only=1",
               nullptr, nullptr, nullptr);
}

void Fetch(sqlite3_stmt* statement, const SqliteRequest& request, DatabaseRows& rows) {
  size_t bytes = 0;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
    if (rows.rows.size() >= request.max_rows || bytes > request.max_bytes) {
      rows.cut = true;
      return;
    }
    auto& row = rows.rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      if (text == nullptr) {
        row.emplace_back();
        continue;
      }
      row.emplace_back(std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, i))));
      bytes += row.back()->size();
    }
  }
  if (step != SQLITE_DONE) rows.error = sqlite3_errmsg(sqlite3_db_handle(statement));
}

absl::StatusOr<DatabaseRows> Ask(Env& env, Files& files, const SqliteRequest& request) {
  Vfs vfs(files);
  if (!vfs.registered()) return absl::InternalError("SQLite takes no further VFS");
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2("/database", &raw, SQLITE_OPEN_READONLY, vfs.name());
  const std::unique_ptr<sqlite3, Close> database(raw);
  if (opened != SQLITE_OK) return absl::UnavailableError("SQLite does not open it");
  Limit(raw);
  Deadline deadline{&env, env.MonotonicMs() + request.deadline_ms};
  sqlite3_progress_handler(raw, 1000, Progress, &deadline);
  // SQLite hands back what it is given, and writes nothing there.
  sqlite3_set_authorizer(raw, Authorise, const_cast<SqliteRequest*>(&request));
  const std::string query = request.check_whole ? "PRAGMA quick_check(1)" : request.query;
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int compiled =
      sqlite3_prepare_v2(raw, query.data(), static_cast<int>(query.size()), &prepared, &tail);
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  DatabaseRows rows;
  const bool refused =
      compiled != SQLITE_OK && std::string_view(sqlite3_errmsg(raw)).starts_with("not authorized");
  if (compiled == SQLITE_AUTH || refused)
    return absl::InvalidArgumentError("the query does more than read");
  if (compiled == SQLITE_NOTADB)
    return absl::FailedPreconditionError("it is no database of SQLite");
  if (compiled != SQLITE_OK) {
    rows.error = sqlite3_errmsg(raw);
    return rows;
  }
  const std::string_view rest(tail, static_cast<size_t>(query.data() + query.size() - tail));
  if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return absl::InvalidArgumentError("the query is more than one statement");
  }
  if (prepared == nullptr || sqlite3_stmt_readonly(prepared) == 0) {
    return absl::InvalidArgumentError("the query does more than read");
  }
  Fetch(prepared, request, rows);
  if (env.MonotonicMs() > deadline.at)
    return absl::DeadlineExceededError("the query takes too long");
  return rows;
}

// What tells whether somebody wrote meanwhile: of a journal only whether it is a hot one.
struct State {
  FileInfo main;
  std::string header;
  int64_t wal_size = 0;
  std::string wal_header;
};

bool SameFile(const State& one, const State& other) {
  return one.main.inode == other.main.inode && one.main.device == other.main.device &&
         one.main.size == other.main.size && one.main.modified == other.main.modified &&
         one.main.changed == other.main.changed && one.header == other.header &&
         one.wal_size == other.wal_size && one.wal_header == other.wal_header;
}

absl::Status RefuseHotJournal(Env& env, const std::string& path) {
  constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  const auto start = env.ReadRange(path + "-journal", 0, kMagic.size());
  if (absl::IsNotFound(start.status())) return absl::OkStatus();
  if (!start.ok()) return start.status();
  if (*start != kMagic) return absl::OkStatus();  // what a finished transaction leaves is zeroed
  return absl::FailedPreconditionError(
      ToAbsl(path + ": a transaction is not finished (a hot journal)"));
}

absl::StatusOr<State> Look(Env& env, const std::string& path) {
  TOM_RETURN_IF_ERROR(RefuseHotJournal(env, path));
  State state;
  TOM_ASSIGN_OR_RETURN(state.main, env.Stat(path));
  TOM_ASSIGN_OR_RETURN(state.header, env.ReadRange(path, 0, kHeader));
  const auto wal = env.Stat(path + "-wal");
  if (!wal.ok() && !absl::IsNotFound(wal.status())) return wal.status();
  if (!wal.ok()) return state;
  state.wal_size = wal->size;
  TOM_ASSIGN_OR_RETURN(state.wal_header, env.ReadRange(path + "-wal", 0, 32));
  return state;
}

// Beside which the journals lie: links in the last name are followed.
absl::StatusOr<std::string> RealName(Env& env, std::string path) {
  for (int i = 0; i < kMostLinks; ++i) {
    TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Lstat(path));
    if (info.kind != FileKind::kSymlink) return path;
    TOM_ASSIGN_OR_RETURN(const std::string target, env.ReadLink(path));
    path = target.starts_with('/') ? target : path.substr(0, path.rfind('/') + 1) + target;
  }
  return absl::FailedPreconditionError(ToAbsl(path + ": too many links"));
}

}  // namespace

absl::StatusOr<DatabaseRows> AskSqliteFile(Env& env, const SqliteRequest& request) {
  constexpr int kTries = 3;
  constexpr std::string_view kMagic = "SQLite format 3";
  TOM_ASSIGN_OR_RETURN(const std::string path, RealName(env, request.path));
  for (int i = 0; i < kTries; ++i) {
    TOM_ASSIGN_OR_RETURN(const State before, Look(env, path));
    if (!before.header.starts_with(kMagic)) {
      return absl::FailedPreconditionError(ToAbsl(path + ": no database of SQLite"));
    }
    BlockReader main(env, path, before.main.size);
    BlockReader wal(env, path + "-wal", before.wal_size);
    Files files{&main, before.wal_size > 0 ? &wal : nullptr, &env};
    TOM_ASSIGN_OR_RETURN(DatabaseRows rows, Ask(env, files, request));
    TOM_ASSIGN_OR_RETURN(const State after, Look(env, path));
    if (SameFile(before, after)) return rows;
  }
  return absl::FailedPreconditionError(ToAbsl(path + ": it changes while it is read"));
}

std::vector<Touch> SqliteTouches(const std::string& path, const std::string& purpose) {
  std::vector<Touch> touches;
  for (const char* suffix : {"", "-wal", "-journal"}) {
    touches.push_back({TouchKind::kFile, path + suffix, purpose});
  }
  return touches;
}

}  // namespace tom
