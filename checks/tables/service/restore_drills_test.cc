#include <gtest/gtest.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/engine/table.h"
#include "checks/env/fake_env.h"
#include "checks/parse/drill_record.h"

namespace tom {

Table restore_drills_table();

namespace {

constexpr char kFolder[] = "/var/lib/tom/agent/drills";

DrillRecord Sound(UnixSeconds at) {
  DrillRecord record;
  record.backup = "vault";
  record.kind = "restic";
  record.source = DrillSource("restic", "/srv/restic", "");
  record.began_at = record.ended_at = at;
  record.snapshot = "ab12";
  record.snapshot_time = at - 60;
  record.result = DrillResult::kSound;
  record.held = 9;
  record.chosen = record.restored = record.equal = 3;
  record.bytes = 100;
  record.paths = {{"/srv/data", 3, 3}};
  return record;
}

Declared OneVault() {
  Declared declared;
  DeclaredBackup backup;
  backup.name = "vault";
  backup.kind = "restic";
  backup.repository = "/srv/restic";
  declared.backups = {backup};
  declared.data_paths = {{"/srv/data", {}}, {"/srv/other", {}}};
  return declared;
}

class RestoreDrills : public testing::Test {
 protected:
  RestoreDrills() { env_.AddDirectory(kFolder, 0700); }
  void Add(const std::string& name, const std::string& bytes, uint32_t mode = 0600) {
    env_.AddFile(std::string(kFolder) + "/" + name, bytes, mode);
  }
  Scan Look(const Declared& declared) {
    const TableContext context{.declared = declared, .constraints = {}};
    return ScanTable(restore_drills_table(), env_, context, nullptr);
  }
  Value Cell(const Scan& scan, size_t row, const std::string& name) {
    const Table table = restore_drills_table();
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == name) return scan.rows.at(row).at(i);
    }
    ADD_FAILURE() << name;
    return {};
  }

  FakeEnv env_;
};

TEST_F(RestoreDrills, TheNewestComesFirstWhateverTheNames) {
  Add("b.json", EncodeDrillRecord(Sound(1000)));
  Add("a.json", EncodeDrillRecord(Sound(2000)));
  Add("a.json.new", "being written");
  const Scan scan = Look(OneVault());
  ASSERT_EQ(scan.rows.size(), 2U);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_EQ(Cell(scan, 0, "time"), Value(int64_t{2000}));
  EXPECT_EQ(Cell(scan, 0, "newest"), Value(int64_t{1}));
  EXPECT_EQ(Cell(scan, 1, "newest"), Value(int64_t{0}));
  EXPECT_EQ(Cell(scan, 0, "paths"), Value(std::string("[\"/srv/data\"]")));
  EXPECT_EQ(Cell(scan, 0, "covers"), Value());
}

TEST_F(RestoreDrills, ABackupWithoutAnyIsARowToo) {
  FakeEnv none;
  const Declared declared = OneVault();
  const TableContext context{.declared = declared, .constraints = {}};
  const Scan scan = ScanTable(restore_drills_table(), none, context, nullptr);
  ASSERT_EQ(scan.rows.size(), 1U);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_EQ(Cell(scan, 0, "found"), Value(int64_t{0}));
  EXPECT_EQ(Cell(scan, 0, "drillable"), Value(int64_t{1}));
}

TEST_F(RestoreDrills, WhatIsNoRecordLeavesOpenHowManyThereAre) {
  struct Case {
    std::string bytes;
    uint32_t mode;
  };
  std::string lies = EncodeDrillRecord(Sound(1000));
  lies.replace(lies.find("\"equal\":3,\"held"), 9, "\"equal\":0");
  for (const Case& one : {Case{"", 0600}, Case{"{}", 0600}, Case{lies, 0600},
                          Case{EncodeDrillRecord(Sound(1000)), 0606},
                          Case{EncodeDrillRecord(Sound(1000)) + "\n", 0600}}) {
    Add("a.json", one.bytes, one.mode);
    const Scan scan = Look(OneVault());
    ASSERT_EQ(scan.rows.size(), 1U) << one.bytes;
    EXPECT_EQ(scan.incomplete.size(), 1U) << one.bytes;
    EXPECT_EQ(Cell(scan, 0, "found"), Value()) << one.bytes;
  }
}

TEST_F(RestoreDrills, ADrillOfAnotherRepositoryIsNone) {
  Add("a.json", EncodeDrillRecord(Sound(1000)));
  Declared moved = OneVault();
  moved.backups[0].repository = "/srv/restic2";
  const Scan scan = Look(moved);
  ASSERT_EQ(scan.rows.size(), 1U);
  EXPECT_TRUE(scan.incomplete.empty());
  EXPECT_EQ(Cell(scan, 0, "found"), Value(int64_t{0}));
}

TEST_F(RestoreDrills, AFolderCoversWhatLiesBelow) {
  for (const auto& [covers, list] :
       std::map<std::string, std::string>{{"/srv/", R"(["/srv/data","/srv/other"])"},
                                          {"/srv/data", R"(["/srv/data"])"},
                                          {"/srv/dat", "[]"},
                                          {"/", R"(["/srv/data","/srv/other"])"}}) {
    Declared declared = OneVault();
    declared.backups[0].covers = {covers};
    EXPECT_EQ(Cell(Look(declared), 0, "covers"), Value(list)) << covers;
  }
}

TEST_F(RestoreDrills, AFolderThatOthersWriteIsNotBelieved) {
  Add("a.json", EncodeDrillRecord(Sound(1000)));
  env_.AddDirectory(kFolder, 0777);
  const Scan scan = Look(OneVault());
  ASSERT_EQ(scan.rows.size(), 1U);
  EXPECT_EQ(Cell(scan, 0, "found"), Value());
  EXPECT_EQ(scan.incomplete.size(), 1U);
}

TEST_F(RestoreDrills, WithoutBackupsNothingIsTouched) {
  const Scan scan = Look(Declared());
  EXPECT_TRUE(scan.rows.empty());
  EXPECT_TRUE(env_.reads().empty());
}

}  // namespace
}  // namespace tom
