// Trees of mounts, sysfs and headers as hosts have them, and as they would like to have them seen.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "checks/engine/scan.h"
#include "checks/tables/fake_storage.h"

namespace tom {

Table storage_encryption_table();

namespace {

const char kStrong[] = "aes-xts-plain64";

// One row by column name; NULL is "-".
using Row = std::map<std::string, std::string>;

struct Outcome {
  std::map<std::string, Row> rows;  // by subject
  std::vector<std::string> incomplete;
};

Outcome ScanStorage(FakeEnv& env, const Declared& declared = {}) {
  const Table table = storage_encryption_table();
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Outcome outcome;
  outcome.incomplete = scan.incomplete;
  for (const ValueRow& values : scan.rows) {
    Row row;
    for (size_t i = 0; i < values.size(); ++i) {
      row[table.columns[i].name] = IsNull(values[i]) ? "-" : ValueText(values[i]);
    }
    outcome.rows[row["subject"]] = row;
  }
  return outcome;
}

// What a tree is, and what must be said of its subjects: "SUBJECT encrypted key_bits layer".
struct Tree {
  const char* name;
  std::function<void(FakeEnv&, FakeStorage&)> build;
  std::vector<std::string> expected;
  std::string error;  // part of some row's error; empty: no row has one
};

std::string Summary(const Row& row) {
  return row.at("subject") + " | " + row.at("encrypted") + " " + row.at("key_bits") + " " +
         row.at("weakest_layer");
}

void Expect(const Tree& tree, const Outcome& outcome) {
  std::vector<std::string> got;
  std::string errors;
  for (const auto& [subject, row] : outcome.rows) {
    got.push_back(Summary(row));
    if (row.at("error") != "-") errors += row.at("error") + "\n";
  }
  EXPECT_EQ(got, tree.expected) << tree.name << "\n" << errors;
  if (tree.error.empty()) {
    EXPECT_EQ(errors, "") << tree.name;
    EXPECT_TRUE(outcome.incomplete.empty()) << tree.name << ": " << outcome.incomplete[0];
  } else {
    EXPECT_NE(errors.find(tree.error), std::string::npos) << tree.name << ": " << errors;
  }
}

void RunTrees(const std::vector<Tree>& trees, RootMode mode = RootMode::kLive) {
  for (const Tree& tree : trees) {
    FakeEnv env;
    env.SetMode(mode);
    FakeStorage storage(env);
    tree.build(env, storage);
    Expect(tree, ScanStorage(env));
  }
}

TEST(StorageEncryption, FollowsStacksDownToEveryDisk) {
  RunTrees({
      {"LUKS2 on a partition",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Partition("sda", "sda2", "8:2", Luks2Image(kStrong, 64));
         s.Luks2("dm-0", "253:0", "sda2").Mount("253:0", "/", "ext4", "/dev/mapper/root");
       },
       {"/ | 1 256 dm-0"},
       ""},
      {"LUKS1 on a whole disk",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks1Image("aes", "cbc-essiv:sha256", 32));
         s.Luks1("dm-0", "253:0", "sda").Mount("253:0", "/", "ext4", "/dev/mapper/root");
       },
       {"/ | 1 256 dm-0"},
       ""},
      {"LVM on LUKS, root and swap",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Partition("sda", "sda2", "8:2", Luks2Image(kStrong, 64));
         s.Luks2("dm-0", "253:0", "sda2");
         s.Mapping("dm-1", "253:1", "LVM-abc", {"dm-0"})
             .Mapping("dm-2", "253:2", "LVM-x", {"dm-0"});
         s.Mount("253:1", "/", "ext4", "/dev/mapper/vg-root").Swap("/dev/dm-2");
       },
       {"/ | 1 256 dm-0", "swap /dev/dm-2 | 1 256 dm-0"},
       ""},
      {"LUKS on LVM on two disks",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Disk("sdb", "8:16");
         s.Mapping("dm-0", "253:0", "LVM-abc", {"sda", "sdb"}, Luks2Image(kStrong, 64));
         s.Luks2("dm-1", "253:1", "dm-0").Mount("253:1", "/", "xfs", "/dev/mapper/x");
       },
       {"/ | 1 256 dm-1"},
       ""},
      {"LUKS with integrity between it and its header",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64));
         s.Mapping("dm-0", "253:0", "CRYPT-INTEGRITY-x-dif", {"sda"});
         s.Luks2("dm-1", "253:1", "dm-0").Mount("253:1", "/", "xfs", "/dev/mapper/x");
       },
       {"/ | 1 256 dm-1"},
       ""},
  });
}

TEST(StorageEncryption, FollowsWhatIsMadeOfSeveral) {
  RunTrees({
      {"md of two LUKS devices",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Disk("sdb", "8:16", Luks2Image(kStrong, 32));
         s.Luks2("dm-0", "253:0", "sda").Luks2("dm-1", "253:1", "sdb");
         s.Virtual("md0", "9:0", {"dm-0", "dm-1"}).Mount("9:0", "/", "ext4", "/dev/md0");
       },
       {"/ | 1 128 dm-1"},
       ""},
      {"btrfs over two disks",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Disk("sdb", "8:16");
         s.Luks2("dm-0", "253:0", "sda");
         env.AddLink("/sys/fs/btrfs/u/devices/dm-0", "/sys/class/block/dm-0");
         env.AddLink("/sys/fs/btrfs/u/devices/sdb", "/sys/class/block/sdb");
         env.AddDirectory("/sys/fs/btrfs/features");
         s.Mount("0:45", "/", "btrfs", "/dev/dm-0", "rw", "/@");
         s.Mount("0:45", "/home", "btrfs", "/dev/dm-0", "rw", "/@home");
       },
       {"/ | 0 - sdb"},
       ""},
      {"loop on an encrypted file system, and swap in a file",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Disk("sdb", "8:16");
         s.Luks2("dm-0", "253:0", "sda").Loop("loop0", "7:0", "/safe/image");
         s.Mount("8:16", "/", "ext4", "/dev/sdb").Mount("253:0", "/safe", "ext4", "/dev/dm-0");
         s.Mount("7:0", "/mnt", "ext4", "/dev/loop0");
         s.Swap("/safe/swap", "file").Swap("/swap", "file");
       },
       {"/ | 0 - sdb", "/mnt | 1 256 dm-0", "/safe | 1 256 dm-0", "swap /safe/swap | 1 256 dm-0",
        "swap /swap | 0 - sdb"},
       ""},
      {"a container's disk below an overlay",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Luks2("dm-0", "253:0", "sda");
         env.AddDirectory("/l/a:b").AddDirectory("/l/u");
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
         s.Mount("0:50", "/merged", "overlay", "overlay",
                 "rw,lowerdir=/l/a\\134:b,upperdir=/l/u,workdir=/l/w");
       },
       {"/ | 1 256 dm-0", "/merged | 1 256 dm-0"},
       ""},
      {"encryption twice counts as the stronger",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64));
         s.Mapping("dm-0", "253:0", std::string("CRYPT-LUKS2-") + kFakeUuidDigits + "-a", {"sda"},
                   Luks1Image("cipher_null", "ecb", 32));
         s.Luks1("dm-1", "253:1", "dm-0").Mount("253:1", "/", "ext4", "/dev/dm-1");
       },
       {"/ | 1 256 dm-0"},
       ""},
  });
}

void EncryptedRoot(FakeStorage& s) {
  s.Disk("sda", "8:0").Partition("sda", "sda2", "8:2", Luks2Image(kStrong, 64));
  s.Luks2("dm-0", "253:0", "sda2").Mount("253:0", "/", "ext4", "/dev/mapper/root");
}

TEST(StorageEncryption, FindsWhatIsNotEncryptedBesideWhatIs) {
  RunTrees({
      {"swap",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Partition("sda", "sda3", "8:3").Swap("/dev/sda3");
       },
       {"/ | 1 256 dm-0", "swap /dev/sda3 | 0 - sda"},
       ""},
      {"a second disk",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16").Mount("8:16", "/srv", "xfs", "/dev/sdb");
       },
       {"/ | 1 256 dm-0", "/srv | 0 - sdb"},
       ""},
      {"one of three parts of an md",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16").Virtual("md0", "9:0", {"dm-0", "dm-0", "sdb"});
         s.Mount("9:0", "/srv", "ext4", "/dev/md0");
       },
       {"/ | 1 256 dm-0", "/srv | 0 - sdb"},
       ""},
      {"crypttab says otherwise",
       [](FakeEnv& env, FakeStorage& s) {
         EncryptedRoot(s);
         env.AddFile("/etc/crypttab", "srv /dev/sdb none luks,cipher=aes-xts-plain64,size=512\n");
         s.Disk("sdb", "8:16").Mount("8:16", "/srv", "xfs", "/dev/sdb");
       },
       {"/ | 1 256 dm-0", "/srv | 0 - sdb"},
       ""},
      {"a header beside the mapping: the device itself is mounted",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16", Luks2Image(kStrong, 64)).Mount("8:16", "/srv", "xfs", "/dev/sdb");
       },
       {"/ | 1 256 dm-0", "/srv | 0 - sdb"},
       ""},
  });
}

TEST(StorageEncryption, FindsWhatOnlyLooksEncrypted) {
  RunTrees({
      {"verity checks and does not hide",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16").Mapping("dm-1", "253:1", "CRYPT-VERITY-0123-usr", {"sdb"});
         s.Mount("253:1", "/usr", "ext4", "/dev/dm-1");
       },
       {"/ | 1 256 dm-0", "/usr | 0 - sdb"},
       ""},
      {"cipher_null",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16", Luks2Image("cipher_null-ecb", 32)).Luks2("dm-1", "253:1", "sdb");
         s.Mount("253:1", "/srv", "ext4", "/dev/dm-1");
       },
       {"/ | 1 256 dm-0", "/srv | 0 0 dm-1"},
       ""},
      {"aes-xts with 256 key bits",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16", Luks2Image(kStrong, 32)).Luks2("dm-1", "253:1", "sdb");
         s.Mount("253:1", "/srv", "ext4", "/dev/dm-1");
       },
       {"/ | 1 256 dm-0", "/srv | 1 128 dm-1"},
       ""},
      {"a decoy: the loop's file has an encrypted path's name, and lies beside it",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16").Mount("8:16", "/safe", "ext4", "/dev/sdb");
         s.Loop("loop0", "7:0", "/safe/luks.img").Mount("7:0", "/mnt", "ext4", "/dev/loop0");
       },
       {"/ | 1 256 dm-0", "/mnt | 0 - sdb", "/safe | 0 - sdb"},
       ""},
      {"zram that writes back",
       [](FakeEnv&, FakeStorage& s) {
         EncryptedRoot(s);
         s.Disk("sdb", "8:16").Virtual("zram0", "252:0");
         s.Attribute("zram0", "backing_dev", "/dev/sdb\n").Swap("/dev/zram0");
       },
       {"/ | 1 256 dm-0", "swap /dev/zram0 | 0 - sdb"},
       ""},
  });
}

std::string StrongImage() { return Luks2Image(kStrong, 64); }

TEST(StorageEncryption, AHeaderThatIsNotTheMappingsIsNotBelieved) {
  RunTrees({
      {"broken header",
       [](FakeEnv&, FakeStorage& s) {
         std::string broken = StrongImage();
         broken[5000] ^= 1;
         broken[16384 + 5000] ^= 1;
         s.Disk("sda", "8:0", broken).Luks2("dm-0", "253:0", "sda");
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "checksum is wrong"},
      {"header of another device",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", StrongImage());
         s.Mapping("dm-0", "253:0", "CRYPT-LUKS2-ffffffffffffffffffffffffffffffff-x", {"sda"});
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "not the one that was opened"},
      {"detached header",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0")
             .Mapping("dm-0", "253:0", std::string("CRYPT-LUKS2-") + kFakeUuidDigits + "-x",
                      {"sda"});
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "no LUKS header"},
  });
}

TEST(StorageEncryption, AHeaderThatCannotBeReadIsNotKnown) {
  RunTrees({
      {"no device node",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0", StrongImage()).Luks2("dm-0", "253:0", "sda");
         env.AddError("/dev/sda", absl::NotFoundError("/dev/sda: No such file (ENOENT)"));
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "/dev/sda: No such file (ENOENT)"},
      {"no permission",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0", StrongImage()).Luks2("dm-0", "253:0", "sda");
         env.AddError("/dev/sda", absl::PermissionDeniedError("/dev/sda: EACCES"));
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "/dev/sda: EACCES"},
      {"the node is of another device",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0").Luks2("dm-0", "253:0", "sda");
         env.AddBlockDevice("/dev/sda", gnu_dev_makedev(8, 16), StrongImage());
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "is not the block device 8:0"},
      {"the node is a regular file on a running host",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0").Luks2("dm-0", "253:0", "sda");
         env.AddFile("/dev/sda", StrongImage());
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | 1 - dm-0"},
       "is not the block device 8:0"},
      {"suspended below",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Mapping("dm-0", "253:0", "LVM-x", {"sda"}, StrongImage());
         s.Attribute("dm-0", "dm/suspended", "1\n").Luks2("dm-1", "253:1", "dm-0");
         s.Mount("253:1", "/", "ext4", "/dev/dm-1");
       },
       {"/ | 1 - dm-1"},
       "/dev/dm-0: is suspended"},
  });
}

TEST(StorageEncryption, WhatIsNotSeenIsNotKnown) {
  RunTrees({
      {"plain dm-crypt",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Mapping("dm-0", "253:0", "CRYPT-PLAIN-swap", {"sda"});
         s.Swap("/dev/dm-0");
       },
       {"swap /dev/dm-0 | 1 - dm-0"},
       "plain dm-crypt: no header tells cipher and key"},
      {"a mapping without a name of its kind",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Mapping("dm-0", "253:0", "", {"sda"});
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       {"/ | - - dm-0"},
       "a mapping of an unknown kind"},
      {"network, program, zfs, network block device",
       [](FakeEnv&, FakeStorage& s) {
         s.Mount("0:60", "/a", "nfs4", "h:/x").Mount("0:61", "/b", "fuse.sshfs", "h:/x");
         s.Mount("0:62", "/c", "zfs", "tank").Virtual("nbd0", "43:0");
         s.Mount("43:0", "/d", "ext4", "/dev/nbd0").Mount("0:63", "/e", "newfs", "x");
       },
       {"/a | - - -", "/b | - - -", "/c | - - -", "/d | - - nbd0", "/e | - - -"},
       "what it is stored on is not seen"},
  });
}

TEST(StorageEncryption, AnOverlayIsKnownByItsLayersAlone) {
  RunTrees({
      {"an overlay of layers that only its maker sees",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0", StrongImage()).Luks2("dm-0", "253:0", "sda");
         s.Mount("253:0", "/srv", "ext4", "/dev/dm-0");
         s.Mount("0:50", "/", "overlay", "overlay", "rw,lowerdir=/l,upperdir=/u");
       },
       {"/ | - - overlay", "/srv | 1 256 dm-0"},
       "layer /l"},
      {"overlays whose layers lie on each other",
       [](FakeEnv& env, FakeStorage& s) {
         env.AddDirectory("/l").AddDirectory("/m/u");
         const std::string many = "/l:/l/:/l:/l:/l:/l:/l:/l:/l:/l:/l:/l:/l:/l:/l:/l:/m/u:/m/u:/m/u";
         s.Mount("0:50", "/", "overlay", "overlay", "rw,lowerdir=" + many);
         s.Mount("0:51", "/m", "overlay", "overlay", "rw,lowerdir=" + many);
       },
       {"/ | - - overlay", "/m | - - overlay"},
       "the overlay rests on itself"},
      {"a swap file that is gone",
       [](FakeEnv&, FakeStorage& s) {
         s.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
         s.Swap("/swap\\040(deleted)", "file");
       },
       {"/ | 0 - sda", "swap /swap (deleted) | - - -"},
       "has been removed"},
  });
}

struct Contradiction {
  const char* name;
  std::function<void(FakeEnv&, FakeStorage&)> build;
  const char* reason;
};

void ExpectIncomplete(const std::vector<Contradiction>& cases) {
  for (const Contradiction& c : cases) {
    FakeEnv env;
    FakeStorage storage(env);
    c.build(env, storage);
    const Outcome outcome = ScanStorage(env);
    ASSERT_FALSE(outcome.incomplete.empty()) << c.name;
    std::string all;
    for (const std::string& reason : outcome.incomplete) all += reason + "\n";
    EXPECT_NE(all.find(c.reason), std::string::npos) << c.name << ": " << all;
    for (const auto& [subject, row] : outcome.rows) {
      EXPECT_EQ(row.at("encrypted"), "-") << c.name << ": " << subject;
    }
  }
}

TEST(StorageEncryption, StorageThatNeverEndsMakesTheScanIncomplete) {
  ExpectIncomplete({
      {"a loop of slaves",
       [](FakeEnv&, FakeStorage& s) {
         s.Virtual("md0", "9:0", {"md1"}).Virtual("md1", "9:1", {"md0"});
         s.Mount("9:0", "/", "ext4", "/dev/md0");
       },
       "9:0: storage rests on itself"},
      {"a loop through a file system",
       [](FakeEnv&, FakeStorage& s) {
         s.Loop("loop0", "7:0", "/mnt/image").Mount("7:0", "/mnt", "ext4", "/dev/loop0");
       },
       "7:0: storage rests on itself"},
      {"too deep",
       [](FakeEnv&, FakeStorage& s) {
         for (int i = 0; i < 40; ++i) {
           s.Virtual("md" + std::to_string(i), "9:" + std::to_string(i),
                     {"md" + std::to_string(i + 1)});
         }
         s.Mount("9:0", "/", "ext4", "/dev/md0");
       },
       "storage nested too deep"},
  });
}

TEST(StorageEncryption, AContradictionMakesTheScanIncomplete) {
  ExpectIncomplete({
      {"a link to an encrypted device in place of the plain one",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Luks2("dm-0", "253:0", "sda");
         env.AddLink("/sys/dev/block/8:16", "../../devices/virtual/block/dm-0");
         s.Mount("8:16", "/", "ext4", "/dev/sdb");
       },
       "leads to the device 253:0"},
      {"a link out of the tree",
       [](FakeEnv& env, FakeStorage& s) {
         env.AddLink("/sys/dev/block/8:16", "/../../../../outside");
         s.Mount("8:16", "/", "ext4", "/dev/sdb");
       },
       "/sys/dev/block/8:16/dev: No such file"},
      {"no sysfs", [](FakeEnv&, FakeStorage& s) { s.Mount("8:1", "/", "ext4", "/dev/sda1"); },
       "/sys/dev/block/8:1/dev: No such file"},
      {"a slave that cannot be read",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0").Mapping("dm-0", "253:0", "LVM-x", {"sda"});
         env.AddLink("/sys/devices/virtual/block/dm-0/slaves/sdb", "/nowhere");
         s.Mount("253:0", "/", "ext4", "/dev/dm-0");
       },
       "slaves/sdb/dev: No such file"},
      {"a device name that climbs",
       [](FakeEnv& env, FakeStorage& s) {
         s.Disk("sda", "8:0");
         env.AddFile("/sys/devices/pci0000:00/block/sda/uevent", "DEVNAME=../etc/shadow\n");
         s.Mount("8:0", "/", "ext4", "/dev/sda");
       },
       "uevent: no device name"},
      {"a broken line of mountinfo",
       [](FakeEnv&, FakeStorage& s) { s.Mount("x", "/", "ext4", "/dev/sda1"); },
       "/proc/1/mountinfo line 1: the device is not MAJOR:MINOR"},
  });
}

TEST(StorageEncryption, ADamagedPrimaryHeaderIsSaid) {
  FakeEnv env;
  FakeStorage storage(env);
  std::string image = Luks2Image(kStrong, 64);
  image[5000] ^= 1;
  storage.Disk("sda", "8:0", image).Luks2("dm-0", "253:0", "sda");
  storage.Mount("253:0", "/", "ext4", "/dev/dm-0");
  Outcome outcome = ScanStorage(env);
  EXPECT_EQ(outcome.rows["/"]["key_bits"], "256");
  EXPECT_EQ(outcome.rows["/"]["header_source"], "/dev/sda, secondary copy");
  EXPECT_NE(outcome.rows["/"]["note"].find("primary copy is damaged"), std::string::npos);
}

TEST(StorageEncryption, ADeadTreeHasItsNodesAsFiles) {
  RunTrees({{"image of a disk",
             [](FakeEnv& env, FakeStorage& s) {
               s.Disk("sda", "8:0", Luks2Image(kStrong, 64)).Luks2("dm-0", "253:0", "sda");
               env.AddLink("/dev/mapper/swap", "../dm-0");
               s.Mount("253:0", "/", "ext4", "/dev/dm-0").Swap("/dev/mapper/swap");
             },
             {"/ | 1 256 dm-0", "swap /dev/mapper/swap | 1 256 dm-0"},
             ""},
            {"a node that is a node",
             [](FakeEnv& env, FakeStorage& s) {
               s.Disk("sda", "8:0").Luks2("dm-0", "253:0", "sda");
               env.AddBlockDevice("/dev/sda", gnu_dev_makedev(8, 0), Luks2Image(kStrong, 64));
               s.Mount("253:0", "/", "ext4", "/dev/dm-0");
             },
             {"/ | 1 - dm-0"},
             "not a regular file"}},
           RootMode::kDeadTree);
  FakeEnv bare;
  bare.SetMode(RootMode::kDeadTree);
  const Outcome outcome = ScanStorage(bare);
  EXPECT_TRUE(outcome.rows.empty());
  EXPECT_FALSE(outcome.incomplete.empty());
}

TEST(StorageEncryption, MemoryIsNoDiskAndOneRowStandsForAFileSystem) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0").Virtual("zram0", "252:0").Attribute("zram0", "backing_dev", "none\n");
  storage.Mount("8:0", "/b", "ext4", "/dev/sda", "rw", "/sub")
      .Mount("8:0", "/srv/long", "ext4", "x");
  storage.Mount("0:20", "/run", "tmpfs", "tmpfs").Mount("0:21", "/proc", "proc", "proc");
  storage.Swap("/dev/zram0");
  Outcome outcome = ScanStorage(env);
  ASSERT_EQ(outcome.rows.size(), 3u);
  EXPECT_EQ(outcome.rows["/srv/long"]["in_memory"], "0");
  EXPECT_EQ(outcome.rows["/run"]["in_memory"], "1");
  EXPECT_EQ(outcome.rows["swap /dev/zram0"]["in_memory"], "1");
}

TEST(StorageEncryption, ADocumentIsNamedForWhatItSpeaksOf) {
  struct Case {
    const char* pattern;
    const char* measure;
    const char* document;
  };
  const Case cases[] = {{"/dev/vda", "encryption-at-rest", "PRV-7"},
                        {"/dev/vd*", "encryption-at-rest", "PRV-7"},
                        {"/srv", "encryption-at-rest", "PRV-7"},
                        {"/dev/vdb", "encryption-at-rest", "-"},
                        {"/dev/vda", "backup", "-"}};
  for (const Case& c : cases) {
    FakeEnv env;
    FakeStorage storage(env);
    storage.Disk("vda", "254:0").Partition("vda", "vda1", "254:1");
    storage.Mount("254:1", "/srv", "ext4", "/dev/vda1");
    Declared declared;
    declared.documents = {{.subject = c.pattern, .measure = c.measure, .document = "PRV-7"}};
    Outcome outcome = ScanStorage(env, declared);
    EXPECT_EQ(outcome.rows["/srv"]["document"], c.document) << c.pattern;
    EXPECT_EQ(outcome.rows["/srv"]["provider_disk"], "1");
    EXPECT_EQ(outcome.rows["/srv"]["encrypted"], "0");
  }
}

TEST(StorageEncryption, CrypttabIsShownAsIntention) {
  FakeEnv env;
  FakeStorage storage(env);
  env.AddFile("/etc/crypttab",
              "map-dm-0 /dev/sda3 /dev/urandom swap,cipher=aes-xts-plain64,size=512\n");
  storage.Disk("sda", "8:0").Mapping("dm-0", "253:0", "CRYPT-PLAIN-map-dm-0", {"sda"});
  storage.Swap("/dev/dm-0");
  Outcome outcome = ScanStorage(env);
  EXPECT_EQ(outcome.rows["swap /dev/dm-0"]["intention"], "swap,cipher=aes-xts-plain64,size=512");
  EXPECT_EQ(outcome.rows["swap /dev/dm-0"]["key_bits"], "-");
}

TEST(StorageEncryption, APartThatIsNotKnownDoesNotHideAWeakOne) {
  FakeEnv env;
  FakeStorage storage(env);
  storage.Disk("sda", "8:0", Luks2Image(kStrong, 32)).Disk("sdb", "8:16");
  storage.Luks2("dm-0", "253:0", "sda").Luks2("dm-1", "253:1", "sdb");
  storage.Virtual("md0", "9:0", {"dm-0", "dm-1"}).Mount("9:0", "/", "ext4", "/dev/md0");
  Outcome outcome = ScanStorage(env);
  EXPECT_EQ(outcome.rows["/"]["key_bits"], "-");
  EXPECT_EQ(outcome.rows["/"]["least_bits"], "128");
}

}  // namespace
}  // namespace tom
