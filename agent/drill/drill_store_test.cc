#include "agent/drill/drill_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace tom {
namespace {

namespace fs = std::filesystem;

class DrillStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "drillsXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static DrillRecord NotDone(const std::string& backup, UnixSeconds at) {
    DrillRecord record;
    record.backup = backup;
    record.kind = "files";
    record.source = DrillSource("files", "", "/srv/*.gz");
    record.began_at = record.ended_at = at;
    record.error = "no right to";
    return record;
  }
  size_t Count() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "state/drills")) {
      count += entry.path().extension() == ".json" ? 1 : 0;
    }
    return count;
  }

  fs::path folder_;
};

TEST_F(DrillStoreTest, ARecordIsPrivateAndReadAgain) {
  auto store = DrillStore::Open(folder_ / "state/drills");
  ASSERT_TRUE(store.ok()) << store.status();
  const auto path = store->Add(NotDone("db", 1800000000));
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_NE(path->find("/20270115T080000Z-"), std::string::npos) << *path;
  struct stat info {};
  ASSERT_EQ(stat(path->c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  ASSERT_EQ(stat((folder_ / "state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U) << "the agent's state folder is the agent's alone";
  const auto bytes = ReadStateFile(*path, kMaxDrillRecordBytes);
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(ParseDrillRecord(*bytes).ok());
}

TEST_F(DrillStoreTest, OneDrillAtATime) {
  const auto first = DrillStore::Open(folder_ / "state/drills");
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(absl::IsUnavailable(DrillStore::Open(folder_ / "state/drills").status()));
}

TEST_F(DrillStoreTest, OldOnesOfTheSameBackupGo) {
  auto store = DrillStore::Open(folder_ / "state/drills");
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(store->Add(NotDone("other", 1)).ok());
  for (size_t i = 0; i < kKeptDrills + 5; ++i) {
    ASSERT_TRUE(store->Add(NotDone("db", static_cast<UnixSeconds>(1000 + i))).ok());
  }
  EXPECT_EQ(Count(), kKeptDrills + 1);
}

TEST_F(DrillStoreTest, AFolderOfOthersIsRefused) {
  fs::create_directories(folder_ / "state/drills");
  fs::permissions(folder_ / "state/drills", fs::perms(0755));
  EXPECT_TRUE(absl::IsPermissionDenied(DrillStore::Open(folder_ / "state/drills").status()));
}

TEST_F(DrillStoreTest, WhatIsNoRecordIsNotWritten) {
  auto store = DrillStore::Open(folder_ / "state/drills");
  ASSERT_TRUE(store.ok());
  DrillRecord lies = NotDone("db", 1);
  lies.result = DrillResult::kSound;
  EXPECT_FALSE(store->Add(lies).ok());
  EXPECT_EQ(Count(), 0U);
}

}  // namespace
}  // namespace tom
