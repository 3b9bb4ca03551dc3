#include "checks/parse/mountinfo.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(MountInfo, ReadsTheFieldsAndTheirEscapes) {
  const MountInfo info = ParseMountInfo(
      "36 35 98:1 /sub /mnt/a\\040b rw,noatime master:1 shared:2 - ext4 /dev/root\\134x rw,a=b\n"
      "40 36 0:45 / / rw - btrfs  rw,subvolid=5\n"
      "41 36 0:46 / /o rw - fuse.sshfs me@h:/x rw,user_id=0\n");
  ASSERT_TRUE(info.problems.empty()) << info.problems[0];
  ASSERT_EQ(info.entries.size(), 3u);
  const MountEntry& first = info.entries[0];
  EXPECT_EQ(first.id, 36);
  EXPECT_EQ(first.parent, 35);
  EXPECT_EQ(first.major, 98u);
  EXPECT_EQ(first.minor, 1u);
  EXPECT_EQ(first.root, "/sub");
  EXPECT_EQ(first.mount_point, "/mnt/a b");
  EXPECT_EQ(first.options, "rw,noatime");
  EXPECT_EQ(first.fs_type, "ext4");
  EXPECT_EQ(first.source, "/dev/root\\x");
  EXPECT_EQ(first.super_options, "rw,a=b");
  EXPECT_EQ(info.entries[1].source, "");
  EXPECT_EQ(info.entries[1].super_options, "rw,subvolid=5");
  EXPECT_EQ(info.entries[2].fs_type, "fuse.sshfs");
}

TEST(MountInfo, ABrokenLineIsAProblemAndNoEntry) {
  const std::pair<std::string, std::string> cases[] = {
      {"36 35 98:1 / /a rw ext4 /dev/sda rw\n", "line 1: too few fields"},
      {"36 35 98:1 / /a rw -\n", "line 1: too few fields"},
      {"x 35 98:1 / /a rw - ext4 /dev/sda rw\n", "line 1: mount ids are not numbers"},
      {"36 35 98 / /a rw - ext4 /dev/sda rw\n", "line 1: the device is not MAJOR:MINOR"},
      {"36 35 98:-1 / /a rw - ext4 /dev/sda rw\n", "line 1: the device is not MAJOR:MINOR"},
      {"36 35 98:1 / a rw - ext4 /dev/sda rw\n", "line 1: no absolute mount point"},
      {std::string("36 35 98:1 / /a\0 rw - ext4 /dev/sda rw\n", 39), "line 1: holds a NUL"},
  };
  for (const auto& [text, problem] : cases) {
    const MountInfo info = ParseMountInfo(text);
    EXPECT_TRUE(info.entries.empty()) << text;
    ASSERT_EQ(info.problems.size(), 1u) << text;
    EXPECT_EQ(info.problems[0], problem) << text;
  }
}

TEST(MountInfo, IsBounded) {
  std::string text;
  for (size_t i = 0; i <= kMaxMounts; ++i) text += "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
  const MountInfo info = ParseMountInfo(text);
  EXPECT_EQ(info.entries.size(), kMaxMounts);
  ASSERT_EQ(info.problems.size(), 1u);
  EXPECT_EQ(info.problems[0], "line 20001: more mounts than are read");
}

TEST(MountInfo, FindsTheMountThatHoldsAPath) {
  const MountInfo info = ParseMountInfo(
      "1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 / /srv rw - ext4 b rw\n3 1 8:3 / /srv rw - ext4 c rw\n");
  const std::pair<const char*, const char*> cases[] = {
      {"/srv/x", "c"}, {"/srv", "c"}, {"/srvx", "a"}, {"/", "a"}};
  for (const auto& [path, source] : cases) {
    const MountEntry* found = MountOfPath(info.entries, path);
    ASSERT_NE(found, nullptr) << path;
    EXPECT_EQ(found->source, source) << path;
  }
  EXPECT_EQ(MountOfPath(info.entries, "relative"), nullptr);
}

TEST(Swaps, AreReadWithTheirEscapes) {
  const SwapList list = ParseSwaps(
      "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
      "/dev/dm-1                               partition\t999420\t\t0\t\t-2\n"
      "/swap\\040file\\040(deleted) file 10 0 -3\nnonsense\n");
  ASSERT_EQ(list.entries.size(), 2u);
  EXPECT_EQ(list.entries[0].path, "/dev/dm-1");
  EXPECT_EQ(list.entries[0].type, "partition");
  EXPECT_EQ(list.entries[0].size_kib, 999420);
  EXPECT_EQ(list.entries[1].path, "/swap file (deleted)");
  ASSERT_EQ(list.problems.size(), 1u);
  EXPECT_EQ(list.problems[0], "line 4: not a swap area");
}

TEST(MountOptions, GiveTheValueOfAName) {
  EXPECT_EQ(MountOption("rw,lowerdir=/a\\040b:/c,upperdir=/u", "lowerdir"), "/a b:/c");
  EXPECT_EQ(MountOption("rw,xupperdir=/v,upperdir=/u", "upperdir"), "/u");
  EXPECT_EQ(MountOption("rw,upperdir", "upperdir"), "");
  EXPECT_EQ(UnescapeOctal("a\\0"), "a\\0");
  EXPECT_EQ(UnescapeOctal("\\777"), "\\777");
}

}  // namespace
}  // namespace tom
