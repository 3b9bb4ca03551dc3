#include "collector/store/sqlite_store.h"

#include <mutex>

#include "collector/store/sqlite_schema.h"
#include "collector/store/sqlite_session.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path, std::unique_ptr<Database> writer)
      : path_(std::move(path)), writer_(std::move(writer)) {}

  absl::Status Read(const std::function<absl::Status(const StoreView&)>& work) override {
    TOM_ASSIGN_OR_RETURN(std::unique_ptr<Database> db, Borrow());
    absl::Status status = db->Execute("BEGIN");
    if (status.ok()) status = work(SqliteSession(*db));
    const absl::Status ended = db->Execute("ROLLBACK");
    if (ended.ok()) GiveBack(std::move(db));
    return status;
  }

  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override {
    const std::lock_guard<std::mutex> lock(write_mutex_);
    TOM_RETURN_IF_ERROR(writer_->Execute("BEGIN IMMEDIATE"));
    SqliteSession session(*writer_);
    absl::Status status = work(session);
    if (status.ok()) status = writer_->Execute("COMMIT");
    if (!status.ok()) (void)writer_->Execute("ROLLBACK");
    return status;
  }

 private:
  absl::StatusOr<std::unique_ptr<Database>> Borrow() {
    {
      const std::lock_guard<std::mutex> lock(idle_mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Database> db = std::move(idle_.back());
        idle_.pop_back();
        return db;
      }
    }
    return Database::Open(path_);
  }

  void GiveBack(std::unique_ptr<Database> db) {
    const std::lock_guard<std::mutex> lock(idle_mutex_);
    idle_.push_back(std::move(db));
  }

  const std::string path_;
  std::mutex write_mutex_;
  std::unique_ptr<Database> writer_;  // under write_mutex_
  std::mutex idle_mutex_;
  std::vector<std::unique_ptr<Database>> idle_;  // under idle_mutex_
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(std::unique_ptr<Database> writer, Database::Open(path));
  TOM_RETURN_IF_ERROR(PrepareSchema(*writer));
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(path, std::move(writer)));
}

}  // namespace tom
