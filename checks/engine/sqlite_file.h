// Asks a file of SQLite that somebody else keeps, and leaves no trace of it: the file is read
// through Env by a VFS that can neither write, create nor lock, so that no journal is rolled back
// and neither -wal nor -shm comes to be (sqlite.org/vfs.html, /wal.html, /lockingv3.html). What
// stands in a -wal is read with it.
#ifndef TOM_CHECKS_ENGINE_SQLITE_FILE_H_
#define TOM_CHECKS_ENGINE_SQLITE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

struct SqliteRequest {
  std::string path;  // absolute, in the examined root
  std::string query;
  bool check_whole =
      false;  // in place of the query: SQLite's own quick_check, "ok" or what is wrong
  int64_t deadline_ms =
      5000;  // looked at between two steps of SQLite; the evaluator's own stands behind it
  size_t max_rows = 20000;
  size_t max_bytes = 8 << 20;  // of values
};

// One statement that only reads. The rows' error is SQLite's own words.
// NotFound: no such file. FailedPrecondition: an unfinished transaction (a hot journal), no
// database of SQLite, or it changed while it was read. InvalidArgument: more than one statement, or
// one that would write. DeadlineExceeded.
absl::StatusOr<DatabaseRows> AskSqliteFile(Env& env, const SqliteRequest& request);

std::vector<Touch> SqliteTouches(const std::string& path, const std::string& purpose);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SQLITE_FILE_H_
