#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/tables/fake_storage.h"

namespace tom {

Table luks_headers_table();
Table luks_keyslots_table();
Table block_devices_table();

namespace {

struct Seen {
  std::vector<std::string> rows;  // the named columns, blanks between; NULL is "-"
  std::string incomplete;
};

Seen Look(const Table& table, FakeEnv& env, const std::vector<std::string>& columns,
          const std::string& path = "") {
  const Declared declared;
  TableContext context{.declared = declared, .constraints = {}};
  if (!path.empty()) {
    context.constraints = {{.column = "path", .kind = Constraint::Kind::kEqual, .value = path}};
  }
  const Scan scan = ScanTable(table, env, context, nullptr);
  Seen seen;
  for (const std::string& reason : scan.incomplete) seen.incomplete += reason + "\n";
  for (const ValueRow& values : scan.rows) {
    std::string row;
    for (const std::string& column : columns) {
      for (size_t i = 0; i < values.size(); ++i) {
        if (table.columns[i].name != column) continue;
        row += (row.empty() ? "" : " ") + (IsNull(values[i]) ? "-" : ValueText(values[i]));
      }
    }
    seen.rows.push_back(row);
  }
  return seen;
}

std::string StrongImage() { return Luks2Image("aes-xts-plain64", 64); }

TEST(LuksHeaders, FindsHeadersThatNothingHasOpened) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Partition("sda", "sda1", "8:1", StrongImage());
  storage.Disk("sdb", "8:16", Luks1Image("aes", "xts-plain64", 32)).Virtual("zram0", "252:0");
  std::string lost = StrongImage();
  lost.replace(0, 512, 512, '\0');
  storage.Disk("sdc", "8:32", lost);
  std::string broken = StrongImage();
  broken[5000] ^= 1;
  broken[16384 + 5000] ^= 1;
  storage.Disk("sdd", "8:48", broken);
  const Seen seen = Look(luks_headers_table(), env,
                         {"path", "version", "key_bits", "copy", "primary_copy", "secondary_copy"});
  EXPECT_EQ(seen.incomplete, "");
  EXPECT_EQ(seen.rows, (std::vector<std::string>{
                           "/dev/sda1 2 256 primary good good", "/dev/sdb 1 128 primary good -",
                           "/dev/sdc 2 256 secondary no magic good", "/dev/sdd - - - - -"}));
}

TEST(LuksHeaders, OfAFileThatIsNamed) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0", StrongImage());
  env.AddFile("/backup/header.img", Luks2Image("aes-xts-plain64", 32));
  env.AddFile("/backup/notes", "LUKS?");
  env.AddNode("/backup/fifo", {.kind = FileKind::kFifo});
  const std::vector<std::string> columns = {"path", "source", "key_bits"};
  EXPECT_EQ(Look(luks_headers_table(), env, columns, "/backup/header.img").rows,
            std::vector<std::string>{"/backup/header.img query 128"});
  const Seen none = Look(luks_headers_table(), env, {"path", "error"}, "/backup/notes");
  EXPECT_EQ(none.rows, std::vector<std::string>{"/backup/notes /backup/notes: no LUKS header"});
  for (const char* path : {"/backup/fifo", "/backup/gone", "relative"}) {
    const Seen seen = Look(luks_headers_table(), env, columns, path);
    EXPECT_TRUE(seen.rows.empty()) << path;
    EXPECT_NE(seen.incomplete, "") << path;
  }
}

TEST(LuksHeaders, WhatCannotBeReadIsSaid) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0", StrongImage()).Disk("sdb", "8:16");
  storage.Mapping("dm-0", "253:0", "LVM-x", {"sdb"}).Attribute("dm-0", "dm/suspended", "1\n");
  env.AddError("/dev/sda", absl::PermissionDeniedError("/dev/sda: EACCES"));
  const Seen seen = Look(luks_headers_table(), env, {"path"});
  EXPECT_TRUE(seen.rows.empty());
  EXPECT_EQ(seen.incomplete,
            "luks_headers: /dev/dm-0: is suspended\nluks_headers: /dev/sda: EACCES\n");
}

TEST(LuksHeaders, EmptyDrivesAreNotRead) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sr0", "11:0");
  env.AddFile("/sys/devices/pci0000:00/block/sr0/size", "0\n");
  env.AddError("/dev/sr0", absl::UnavailableError("/dev/sr0: No medium found"));
  const Seen seen = Look(luks_headers_table(), env, {"path"});
  EXPECT_EQ(seen.incomplete, "");
}

TEST(LuksKeyslots, TellsWhatStretches) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sdb", "8:16", Luks1Image("aes", "xts-plain64", 64));
  const Seen seen =
      Look(luks_keyslots_table(), env, {"path", "slot", "opens", "kdf", "hash", "iterations"});
  EXPECT_EQ(seen.rows, std::vector<std::string>{"/dev/sdb 0 1 pbkdf2 sha256 1000000"});
  std::string broken = StrongImage();
  broken[5000] ^= 1;
  broken[16384 + 5000] ^= 1;
  storage.Disk("sdc", "8:32", broken);
  EXPECT_NE(Look(luks_keyslots_table(), env, {"path"}).incomplete.find("checksum"),
            std::string::npos);
}

TEST(BlockDevices, TellsWhatTheyHoldAndWhetherTheyAreUsed) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Partition("sda", "sda1", "8:1", StrongImage());
  storage.Luks2("dm-0", "253:0", "sda1").Mount("253:0", "/", "ext4", "/dev/dm-0");
  std::string swap(8192, '\0');
  swap.replace(4086, 10, "SWAPSPACE2");
  storage.Disk("sdb", "8:16", swap);
  const std::string sys = "/sys/devices/pci0000:00/block/sda";
  env.AddFile(sys + "/device/model", "Disk 3000  \n").AddFile(sys + "/size", "2048000\n");
  env.AddFile(sys + "/queue/logical_block_size", "4096\n").AddFile(sys + "/serial", "S1\x1b[0m\n");
  const Seen seen =
      Look(block_devices_table(), env,
           {"name", "parent", "model", "serial", "size", "block_size", "type", "in_use"});
  EXPECT_EQ(seen.incomplete, "");
  EXPECT_EQ(seen.rows,
            (std::vector<std::string>{
                "/dev/dm-0    - -  mounted", "/dev/sda  Disk 3000 S1?[0m 2048000 4096  partitions",
                "/dev/sda1 /dev/sda Disk 3000 S1?[0m - 4096 crypto_LUKS member",
                "/dev/sdb    - - swap -"}));
  storage.Swap("/dev/sdb");
  EXPECT_NE(Look(block_devices_table(), env, {"name", "in_use"}).rows[3], "/dev/sdb -");
}

}  // namespace
}  // namespace tom
