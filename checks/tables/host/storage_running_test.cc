// What the kernel tells of its mappings, policies and pools, beside what headers and crypttab say.
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/tables/fake_storage.h"

namespace tom {

Table storage_encryption_table();
Table crypttab_table();
Table disk_encryption_table();

namespace {

using Row = std::map<std::string, std::string>;

struct Outcome {
  std::map<std::string, Row> rows;  // by the first column
  std::vector<std::string> incomplete;
};

Outcome ScanOf(const Table& table, FakeEnv& env, const Declared& declared = {}) {
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Outcome outcome;
  outcome.incomplete = scan.incomplete;
  for (const ValueRow& values : scan.rows) {
    Row row;
    for (size_t i = 0; i < values.size(); ++i) {
      row[table.columns[i].name] = IsNull(values[i]) ? "-" : ValueText(values[i]);
    }
    outcome.rows[ValueText(values[0])] = row;
  }
  return outcome;
}

Row Storage(FakeEnv& env, const std::string& subject, const Declared& declared = {}) {
  Outcome outcome = ScanOf(storage_encryption_table(), env, declared);
  return outcome.rows[subject];
}

void SetRunning(FakeEnv& env, const std::string& table) {
  env.AddProgram("/usr/sbin/dmsetup table", ProgramResult{0, table, ""});
}

std::string Crypt(const std::string& name, const std::string& cipher, size_t key_bytes) {
  return name + ": 0 1000 crypt " + cipher + " " +
         (key_bytes == 0 ? "-" : std::string(2 * key_bytes, '0')) + " 0 8:0 0\n";
}

TEST(StorageRunning, WhatTheKernelRunsCountsBeforeTheHeader) {
  struct Case {
    const char* name;
    std::string running;  // empty: dmsetup may not be asked
    const char* bits;
    const char* encrypted;
    const char* source;
  };
  const Case cases[] = {
      {"as the header says", Crypt("map-dm-0", "aes-xts-plain64", 64), "256", "1", "kernel"},
      {"a shorter key than the header's", Crypt("map-dm-0", "aes-xts-plain64", 32), "128", "1",
       "kernel"},
      {"nothing", Crypt("map-dm-0", "cipher_null-ecb", 0), "0", "0", "kernel"},
      {"a part that is linear",
       Crypt("map-dm-0", "aes-xts-plain64", 64) + "map-dm-0: 1000 10 linear 8:0 5\n", "0", "0",
       "kernel"},
      {"a line that is not understood", "map-dm-0: 0 1000 crypt\n", "-", "1", "kernel"},
      {"not told of this one", Crypt("other", "cipher_null-ecb", 0), "256", "1", "header"},
      {"not asked", "", "256", "1", "header"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    FakeStorage storage(env);
    storage.Disk("sda", "8:0", Luks2Image("aes-xts-plain64", 64)).Luks2("dm-0", "253:0", "sda");
    storage.Mount("253:0", "/", "ext4", "/dev/dm-0");
    if (!c.running.empty()) SetRunning(env, c.running);
    Row row = Storage(env, "/");
    EXPECT_EQ(row["key_bits"], c.bits) << c.name;
    EXPECT_EQ(row["encrypted"], c.encrypted) << c.name;
    EXPECT_EQ(row["cipher_source"], c.source) << c.name;
  }
}

TEST(StorageRunning, PlainSwapWithARandomKeyIsKnownByTheKernelAlone) {
  FakeEnv env;
  FakeStorage storage(env);
  env.AddFile("/etc/crypttab",
              "map-dm-0 /dev/sda /dev/urandom plain,swap,cipher=aes-xts-plain64,size=512\n");
  storage.Disk("sda", "8:0").Mapping("dm-0", "253:0", "CRYPT-PLAIN-map-dm-0", {"sda"});
  storage.Swap("/dev/dm-0");
  EXPECT_EQ(Storage(env, "swap /dev/dm-0")["key_bits"], "-");
  SetRunning(env, Crypt("map-dm-0", "aes-xts-plain64", 64));
  Row row = Storage(env, "swap /dev/dm-0");
  EXPECT_EQ(row["key_bits"] + row["method"] + row["error"], "256plain dm-crypt-");
  Outcome entries = ScanOf(crypttab_table(), env);
  EXPECT_TRUE(entries.incomplete.empty());
  Row entry = entries.rows["map-dm-0"];
  EXPECT_EQ(entry["mapped"] + entry["device_agrees"] + entry["kind_agrees"], "111");
  EXPECT_EQ(entry["cipher_agrees"] + entry["key_kind"], "1random");
  SetRunning(env, Crypt("map-dm-0", "aes-cbc-essiv:sha256", 32));
  EXPECT_EQ(ScanOf(crypttab_table(), env).rows["map-dm-0"]["cipher_agrees"], "0");
}

TEST(StorageRunning, AHeaderThatCannotBeReadIsANoteWhereTheKernelTells) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Luks2("dm-0", "253:0", "sda");
  storage.Mount("253:0", "/", "ext4", "/dev/dm-0");
  SetRunning(env, Crypt("map-dm-0", "aes-xts-plain64", 64));
  Row row = Storage(env, "/");
  EXPECT_EQ(row["key_bits"], "256");
  EXPECT_EQ(row["error"], "-");
  EXPECT_NE(row["note"].find("no LUKS header"), std::string::npos) << row["note"];
}

TEST(StorageRunning, AMappingWithoutAKindIsWhatItRuns) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Mapping("dm-0", "253:0", "", {"sda"});
  storage.Mount("253:0", "/", "ext4", "/dev/dm-0");
  SetRunning(env, Crypt("map-dm-0", "aes-xts-plain64", 64));
  EXPECT_EQ(Storage(env, "/")["method"], "dm-crypt");
  SetRunning(env, "map-dm-0: 0 1000 linear 8:0 0\n");
  EXPECT_EQ(Storage(env, "/")["encrypted"], "-");
}

std::string Policy(uint8_t contents) {
  std::string policy(24, 'k');
  policy[0] = 2;
  policy[1] = static_cast<char>(contents);
  policy[2] = 4;
  return policy;
}

TEST(StorageRunning, PoliciesCountForWhatTheyCover) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
  FileInfo directory{.kind = FileKind::kDirectory, .mode = 0755};
  directory.device = makedev(8, 0);
  for (const char* path : {"/", "/srv", "/srv/safe", "/srv/weak", "/srv/odd"}) {
    env.AddNode(path, directory);
  }
  env.SetFscryptPolicy("/srv/safe", Policy(1)).SetFscryptPolicy("/srv/weak", Policy(5));
  env.SetFscryptPolicy("/srv/odd", "not a policy");
  Declared declared;
  for (const char* path : {"/srv/safe", "/srv/weak", "/srv", "/srv/odd"}) {
    declared.data_paths.push_back({path, {}});
  }
  EXPECT_EQ(Storage(env, "/", declared)["encrypted"], "0");
  EXPECT_EQ(Storage(env, "/srv", declared)["encrypted"], "0");
  EXPECT_EQ(Storage(env, "/srv/safe", declared)["key_bits"], "256");
  EXPECT_EQ(Storage(env, "/srv/safe", declared)["method"], "fscrypt");
  EXPECT_EQ(Storage(env, "/srv/weak", declared)["key_bits"], "128");
  EXPECT_EQ(Storage(env, "/srv/odd", declared)["encrypted"], "0");
  EXPECT_NE(Storage(env, "/srv/odd", declared)["note"].find("policy"), std::string::npos);
}

TEST(StorageRunning, APlainMountBelowAnEncryptedDirectoryIsSeen) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Disk("sdb", "8:16");
  storage.Mount("8:0", "/", "ext4", "/dev/sda").Mount("8:16", "/srv/safe/big", "ext4", "/dev/sdb");
  FileInfo directory{.kind = FileKind::kDirectory, .mode = 0755};
  directory.device = makedev(8, 0);
  env.AddNode("/srv/safe", directory);
  env.SetFscryptPolicy("/srv/safe", Policy(1));
  Declared declared;
  declared.data_paths = {{"/srv/safe", {}}};
  EXPECT_EQ(Storage(env, "/srv/safe", declared)["encrypted"], "0");
}

TEST(StorageRunning, AHiddenMountIsNotJudgedByWhatHidesIt) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
  // What stands at the mount point is of another file system.
  FileInfo directory{.kind = FileKind::kDirectory, .mode = 0755};
  directory.device = makedev(8, 16);
  env.AddNode("/", directory);
  env.SetFscryptPolicy("/", Policy(1));
  EXPECT_EQ(Storage(env, "/")["encrypted"], "0");
}

TEST(StorageRunning, ZfsIsKnownByItsOwnPrograms) {
  struct Case {
    const char* name;
    const char* datasets;  // null: the program is not there
    const char* pools;
    const char* encrypted;
    const char* bits;
  };
  const char* const on_luks = "tank\t9G\n\t/dev/dm-0\t-\n";
  const char* const on_both = "tank\t9G\n\tmirror-0\t-\n\t/dev/dm-0\t-\n\t/dev/sdb\t-\n";
  const Case cases[] = {
      {"its own", "tank/a\tencryption\taes-256-gcm\n", on_both, "1", "256"},
      {"its own, weak", "tank/a\tencryption\taes-128-gcm\n", on_both, "1", "128"},
      {"plain on LUKS", "tank/a\tencryption\toff\n", on_luks, "1", "256"},
      {"plain, half on LUKS", "tank/a\tencryption\toff\n", on_both, "0", "-"},
      {"plain, on what nobody tells", "tank/a\tencryption\toff\n", nullptr, "-", "-"},
      {"unknown suite on plain", "tank/a\tencryption\ton\n", on_both, "-", "-"},
      {"another dataset", "tank/b\tencryption\taes-256-gcm\n", on_both, "-", "-"},
      {"not told, on LUKS", nullptr, on_luks, "1", "256"},
      {"not told at all", nullptr, nullptr, "-", "-"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    FakeStorage storage(env);
    storage.Disk("sda", "8:0", Luks2Image("aes-xts-plain64", 64)).Disk("sdb", "8:16");
    storage.Luks2("dm-0", "253:0", "sda").Mount("0:60", "/srv", "zfs", "tank/a");
    const std::string get =
        "/usr/sbin/zfs get -H -o name,property,value -t filesystem,volume encryption";
    if (c.datasets != nullptr) env.AddProgram(get, ProgramResult{0, c.datasets, ""});
    if (c.pools != nullptr) {
      env.AddProgram("/usr/sbin/zpool list -H -v -P -L", ProgramResult{0, c.pools, ""});
    }
    Row row = Storage(env, "/srv");
    EXPECT_EQ(row["encrypted"], c.encrypted) << c.name << row["error"];
    EXPECT_EQ(row["key_bits"], c.bits) << c.name;
  }
}

TEST(DiskEncryption, IsOfEachDeviceAndWhatLiesBelow) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0", Luks2Image("aes-xts-plain64", 64)).Disk("sdb", "8:16");
  storage.Luks2("dm-0", "253:0", "sda").Mapping("dm-1", "253:1", "", {"sdb"});
  Outcome outcome = ScanOf(disk_encryption_table(), env);
  Row below = outcome.rows["/dev/sda"];
  EXPECT_EQ(below["encrypted"] + below["encryption_status"], "0not encrypted");
  EXPECT_EQ(below["uuid"], kFakeUuid);
  Row mapping = outcome.rows["/dev/dm-0"];
  EXPECT_EQ(mapping["encrypted"] + " " + mapping["encryption_status"], "1 encrypted");
  EXPECT_EQ(mapping["type"], "LUKS2-aes-xts-plain64");
  EXPECT_EQ(outcome.rows["/dev/dm-1"]["encryption_status"], "undefined");
}

}  // namespace
}  // namespace tom
