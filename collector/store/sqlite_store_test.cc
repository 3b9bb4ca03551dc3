#include "collector/store/sqlite_store.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "collector/store/store_conformance.h"

namespace tom {
namespace {

// A folder for all stores of this program; gone with it.
class Folder {
 public:
  Folder() : path_(testing::TempDir() + "tom-store-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) abort();
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string FreshPath() { return path_ + "/" + std::to_string(++count_); }

 private:
  std::string path_;
  int count_ = 0;
};

std::string FreshPath() {
  static Folder folder;
  return folder.FreshPath();
}

std::unique_ptr<Store> MakeSqlite() {
  absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(FreshPath());
  return store.ok() ? *std::move(store) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(&MakeSqlite));

TEST(SqliteStore, IsThereAfterItIsOpenedAgain) {
  const std::string path = FreshPath();
  {
    auto store = OpenSqliteStore(path);
    ASSERT_TRUE(store.ok()) << store.status().ToString();
    ASSERT_TRUE(
        (*store)->Write([](StoreTransaction& write) { return write.PutSetting("a", "b"); }).ok());
  }
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.status().ToString();
  ASSERT_TRUE((*store)
                  ->Read([](const StoreView& view) {
                    EXPECT_EQ(*view.Setting("a"), "b");
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms(077),
            std::filesystem::perms::none);
}

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  const std::string path = FreshPath();
  FILE* file = fopen(path.c_str(), "w");
  fputs("this is no database, and long enough to be looked at as one", file);
  fclose(file);
  EXPECT_FALSE(OpenSqliteStore(path).ok());
}

}  // namespace
}  // namespace tom
