#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {

Table mounts_table();

namespace {

constexpr char kMounts[] =
    "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
    "21 20 8:2 / /srv/two\\040words ro,nosuid - xfs /dev/sdb rw\n"
    "22 20 0:40 / /mnt/nfs rw - nfs4 server:/export rw,addr=192.0.2.1\n"
    "23 22 8:3 / /mnt/nfs/local rw - ext4 /dev/sdc rw\n"
    "24 20 8:4 / /covered rw - ext4 /dev/sdd rw\n";

struct Result {
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> incomplete;
};

Result ScanMounts(FakeEnv& env) {
  const Table table = mounts_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Result result{{}, scan.incomplete};
  for (const ValueRow& row : scan.rows) {
    auto& cells = result.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) cells[table.columns[i].name] = ValueText(row[i]);
  }
  return result;
}

void AddPoint(FakeEnv& env, const std::string& path, unsigned device_major, unsigned minor,
              uint64_t blocks) {
  env.AddNode(path, {.kind = FileKind::kDirectory, .device = makedev(device_major, minor)});
  env.SetFileSystem(path, {.block_size = 4096, .blocks = blocks});
}

void AddHost(FakeEnv& env, const std::string& file) {
  env.AddFile(file, kMounts);
  AddPoint(env, "/", 8, 1, 1000);
  AddPoint(env, "/srv/two words", 8, 2, 2000);
  AddPoint(env, "/mnt/nfs", 0, 40, 3000);
  AddPoint(env, "/mnt/nfs/local", 8, 3, 4000);
  AddPoint(env, "/covered", 8, 9, 5000);
}

TEST(Mounts, ListsThemAndAsksOnlyWhatCannotHang) {
  FakeEnv env;
  AddHost(env, "/proc/1/mountinfo");
  Result result = ScanMounts(env);
  EXPECT_TRUE(result.incomplete.empty());
  ASSERT_EQ(result.rows.size(), 5u);
  EXPECT_EQ(result.rows[0]["device"], "/dev/sda1");
  EXPECT_EQ(result.rows[0]["flags"], "rw,relatime,errors=remount-ro");
  EXPECT_EQ(result.rows[0]["blocks"], "1000");
  EXPECT_EQ(result.rows[1]["path"], "/srv/two words");
  EXPECT_EQ(result.rows[1]["flags"], "ro,nosuid");
  EXPECT_EQ(result.rows[1]["blocks"], "2000");
  EXPECT_EQ(result.rows[2]["type"], "nfs4");
  EXPECT_EQ(result.rows[2]["blocks"], "") << "a network file system may hang";
  EXPECT_EQ(result.rows[3]["blocks"], "") << "the way to it leads over a network file system";
  EXPECT_EQ(result.rows[4]["blocks"], "") << "another file system stands there";
}

TEST(Mounts, TheAgentsOwnTableWhereTheFirstProcessIsClosed) {
  FakeEnv env;
  AddHost(env, "/proc/self/mountinfo");
  env.AddError("/proc/1", ErrnoStatus(EACCES, "/proc/1/mountinfo"));
  EXPECT_EQ(ScanMounts(env).rows.size(), 5u);
  env.SetMode(RootMode::kHostRoot);  // there it is the container's, not the host's
  const Result result = ScanMounts(env);
  EXPECT_TRUE(result.rows.empty());
  ASSERT_EQ(result.incomplete.size(), 1u);
  EXPECT_EQ(result.incomplete[0], "mounts: /proc/1/mountinfo: Permission denied (EACCES)");
}

TEST(Mounts, ADeadTreeKnowsOnlyWhatWasRecorded) {
  FakeEnv env;
  env.SetMode(RootMode::kDeadTree);
  const Result none = ScanMounts(env);
  ASSERT_EQ(none.incomplete.size(), 1u);
  EXPECT_NE(none.incomplete[0].find("only a live kernel knows"), std::string::npos);
  AddHost(env, "/proc/self/mountinfo");
  const Result recorded = ScanMounts(env);
  ASSERT_EQ(recorded.rows.size(), 5u);
  EXPECT_EQ(recorded.rows[0].at("blocks"), "") << "the tree's folders are not its file systems";
}

TEST(Mounts, ABadLineIsSaidAndTheOthersStay) {
  FakeEnv env;
  env.AddFile("/proc/1/mountinfo", std::string("x\n\0\n", 4) + kMounts);
  const Result result = ScanMounts(env);
  EXPECT_EQ(result.rows.size(), 5u);
  EXPECT_EQ(result.incomplete.size(), 2u);
}

}  // namespace
}  // namespace tom
