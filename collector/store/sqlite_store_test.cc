#include "collector/store/sqlite_store.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "collector/store/store_conformance.h"

namespace tom {
namespace {

std::string FreshPath() {
  static int count = 0;
  const std::string path =
      testing::TempDir() + "tom-store-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  return path;
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
