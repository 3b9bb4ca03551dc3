// Images made by the real mkfs programs, with `blkid -p` as the judge of ours.
#include "checks/parse/superblock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tom {
namespace {

namespace fs = std::filesystem;

std::string Output(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (const size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  return pclose(pipe) == 0 ? output : "FAILED: " + output;
}

std::string Start(const fs::path& image) {
  std::ifstream file(image, std::ios::binary);
  std::string start(kSuperblockBytes, '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<size_t>(file.gcount()));
  return start;
}

// The value of NAME=… in blkid's export form; empty when it does not say.
std::string Said(const std::string& told, const std::string& name) {
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, name.size() + 1, name + "=") == 0) return line.substr(name.size() + 1);
  }
  return "";
}

class SuperblockTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "superblockXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(SuperblockTest, AgreesWithBlkid) {
  struct Case {
    const char* type;
    const char* size;
    const char* make;
  };
  const Case cases[] = {
      {"ext2", "4M", "mkfs.ext2 -q -L second"},
      {"ext3", "8M", "mkfs.ext3 -q -L third"},
      {"ext4", "8M", "mkfs.ext4 -q -L 'the fourth'"},
      {"swap", "4M", "mkswap -L spare"},
      {"xfs", "320M", "mkfs.xfs -q -L data"},
      {"btrfs", "128M", "mkfs.btrfs -q -L many"},
      {"vfat", "4M", "mkfs.vfat -F 12 -n EFI"},
      {"vfat", "64M", "mkfs.vfat -F 32 -n EFI"},
      {"vfat", "64M", "mkfs.vfat -F 32"},
      {"crypto_LUKS", "20M",
       "cryptsetup -q luksFormat --type luks2 --label safe --pbkdf pbkdf2 --pbkdf-force-iterations "
       "1000 --key-file /etc/hostname"},
      {"crypto_LUKS", "20M",
       "cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 --key-file "
       "/etc/hostname"},
  };
  for (const Case& c : cases) {
    const fs::path image = folder_ / "image";
    const std::string made = Output(std::string("truncate -s ") + c.size + " " + image.string() +
                                    " && PATH=$PATH:/sbin:"
                                    "/usr/sbin " +
                                    c.make + " " + image.string());
    ASSERT_EQ(made.find("FAILED"), std::string::npos) << c.make << ": " << made;
    const Superblock found = ParseSuperblock(Start(image));
    const std::string told = Output("/usr/sbin/blkid -p -o export " + image.string());
    EXPECT_EQ(found.type, c.type) << c.make;
    EXPECT_EQ(found.type, Said(told, "TYPE")) << told;
    EXPECT_EQ(found.uuid, Said(told, "UUID")) << told;
    std::string label = Said(told, "LABEL");
    label.erase(std::remove(label.begin(), label.end(), '\\'), label.end());
    EXPECT_EQ(found.label, label) << told;
    fs::remove(image);
  }
}

TEST_F(SuperblockTest, WhatCannotBeMadeHereIsToldByItsSignature) {
  struct Case {
    const char* type;
    size_t at;
    std::string bytes;
  };
  std::string raid("\xfc\x4e\x2b\xa9\x01\0\0\0", 8);
  raid.resize(16);
  raid += std::string(16, '\x11') + "host:0";
  std::string lvm = "LABELONE";
  lvm.resize(20);
  lvm += std::string("\x20\0\0\0", 4) + "LVM2 001" + "abcdefghijklmnopqrstuvwxyz012345";
  const Case cases[] = {
      {"linux_raid_member", 0, raid}, {"linux_raid_member", 4096, raid},  {"LVM2_member", 512, lvm},
      {"BitLocker", 3, "-FVE-FS-"},   {"f2fs", 1024, "\x10\x20\xf5\xf2"}, {"squashfs", 0, "hsqs"},
      {"iso9660", 32769, "CD001"},
  };
  for (const Case& c : cases) {
    std::string start(kSuperblockBytes, '\0');
    start.replace(c.at, c.bytes.size(), c.bytes);
    EXPECT_EQ(ParseSuperblock(start).type, c.type);
    EXPECT_EQ(ParseSuperblock(start.substr(0, c.at + 2)).type, "") << c.type << " cut";
  }
  std::string start(kSuperblockBytes, '\0');
  start.replace(512, lvm.size(), lvm);
  EXPECT_EQ(ParseSuperblock(start).uuid, "abcdef-ghij-klmn-opqr-stuv-wxyz-012345");
  start.replace(0, 6, "LUKS\xba\xbe");
  EXPECT_EQ(ParseSuperblock(start).type, "crypto_LUKS") << "what hides the data counts first";
}

TEST_F(SuperblockTest, ZfsIsToldByItsUberblocks) {
  std::string label(kZfsLabelBytes, '\0');
  EXPECT_FALSE(IsZfsLabel(label));
  label.replace(5 * 1024, 4, "\x0c\xb1\xba");
  EXPECT_TRUE(IsZfsLabel(label));
  EXPECT_FALSE(IsZfsLabel(label.substr(0, 5 * 1024 + 7)));
  EXPECT_FALSE(IsZfsLabel(""));
}

}  // namespace
}  // namespace tom
