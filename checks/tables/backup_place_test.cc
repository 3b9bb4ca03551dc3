#include "checks/tables/backup_place.h"

#include <gtest/gtest.h>

#include "checks/env/fake_env.h"

namespace tom {
namespace {

TEST(BackupPlace, AServerThatIsThisHostIsNoOtherMachine) {
  const std::set<std::string> own = {"db1", "db1.example.org", "192.0.2.7", "2001:db8::7", "nas"};
  struct Case {
    const char* type;
    const char* source;
    std::optional<bool> off_host;
  };
  const Case cases[] = {
      {"nfs4", "vault.example.org:/r", true},
      {"nfs4", "192.0.2.8:/r", true},
      {"nfs4", "192.0.2.7:/r", false},
      {"nfs4", "[2001:db8::7]:/r", false},
      {"nfs4", "[2001:db8::8]:/r", true},
      {"nfs4", "DB1:/r", false},
      {"nfs4", "db1.example.org:/r", false},
      {"nfs4", "db1.example.net:/r", std::nullopt},
      {"nfs", "nas:/r", false},
      {"nfs", "ip6-localhost:/r", false},
      {"cifs", "//LOCALHOST/share", false},
      {"cifs", "//127.0.0.1/share", false},
      {"fuse.sshfs", "backup@127.0.0.1:/r", false},
      {"fuse.sshfs", "backup@vault.example.org:/r", true},
      {"davfs", "https://localhost/r", false},
      {"davfs", "https://user@db1:8443/r", false},
      {"davfs", "https://vault.example.org/r", true},
      {"fuse.curlftpfs", "curlftpfs#ftp://127.0.0.1/", false},
      {"ext4", "/dev/sda1", false},
      {"ext4", "/dev/nbd0", std::nullopt},
      {"fuse.something", "vault.example.org:/r", std::nullopt},
  };
  for (const Case& c : cases) {
    MountEntry mount;
    mount.fs_type = c.type;
    mount.source = c.source;
    std::string why;
    EXPECT_EQ(IsOffHost(mount, own, why), c.off_host) << c.type << " " << c.source;
  }
}

TEST(BackupPlace, NamesOfThisHostAreThoseOfItsHostsFileToo) {
  FakeEnv env;
  env.AddFile("/proc/1/mountinfo",
              "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:40 / /mnt/a rw - nfs4 nas:/r rw\n"
              "3 1 0:41 / /mnt/b rw - nfs4 vault:/r rw\n");
  env.AddFile("/proc/self/mountinfo",
              "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:40 / /mnt/a rw - nfs4 nas:/r rw\n"
              "3 1 0:41 / /mnt/b rw - nfs4 vault:/r rw\n");
  env.AddFile("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1\tdb1 NAS # me\n192.0.2.9 vault\n");
  env.AddFile("/mnt/a/x", "x").AddFile("/mnt/b/x", "x");
  BackupPlaces places(env);
  EXPECT_EQ(places.Look("/mnt/a", {}).off_host, false);
  EXPECT_EQ(places.Look("/mnt/b", {}).off_host, true);
}

}  // namespace
}  // namespace tom
