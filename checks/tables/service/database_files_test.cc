#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/tables/fake_storage.h"

namespace tom {

Table database_files_table();
Table database_instances_table();
Table file_permissions_table();

namespace {

using Row = std::map<std::string, std::string>;

struct Seen {
  std::map<std::string, Row> rows;  // by the first column
  std::string incomplete;
};

Seen Look(const Table& table, FakeEnv& env, const std::vector<std::string>& data_paths = {}) {
  Declared declared;
  for (const std::string& path : data_paths) declared.data_paths.push_back({path, {}});
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Seen seen;
  for (const std::string& reason : scan.incomplete) seen.incomplete += reason + "\n";
  for (const ValueRow& values : scan.rows) {
    Row row;
    for (size_t i = 0; i < values.size(); ++i) {
      row[table.columns[i].name] = IsNull(values[i]) ? "-" : ValueText(values[i]);
    }
    seen.rows[ValueText(values[0])] = row;
  }
  return seen;
}

const char kSqlite[] = "SQLite format 3\0 and pages";

std::string Sqlite() { return {kSqlite, sizeof(kSqlite)}; }

struct Process {
  int pid;
  int parent;
  std::string name;
  std::string exe;
  std::string cwd;
  std::string cmdline = "";
  std::string mounts = "mnt:[1]";
};

void AddProcess(FakeEnv& env, const Process& process) {
  const std::string folder = "/proc/" + std::to_string(process.pid);
  env.AddFile(folder + "/stat", std::to_string(process.pid) + " (" + process.name + ") S " +
                                    std::to_string(process.parent) +
                                    " 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 1000 10 0\n");
  env.AddFile(folder + "/cmdline", process.cmdline);
  env.AddLink(folder + "/exe", process.exe).AddLink(folder + "/cwd", process.cwd);
  env.AddLink(folder + "/ns/mnt", process.mounts);
}

void AddHost(FakeEnv& env) {
  AddProcess(env, {1, 0, "systemd", "/usr/lib/systemd/systemd", "/"});
  env.AddFile("/proc/net/tcp", "  sl  local_address\n").AddFile("/proc/net/unix", "Num\n");
}

TEST(DatabaseFiles, AreFoundByWhatTheyAre) {
  FakeEnv env;
  FakeStorage storage(env);
  AddHost(env);
  storage.Disk("sda", "8:0", Luks2Image("aes-xts-plain64", 64)).Disk("sdb", "8:16");
  storage.Luks2("dm-0", "253:0", "sda").Mount("253:0", "/", "ext4", "/dev/dm-0");
  storage.Mount("8:16", "/srv", "ext4", "/dev/sdb");
  env.AddFile("/srv/app/people", Sqlite()).AddFile("/opt/app/people.db", Sqlite());
  env.AddFile("/srv/app/notes", "nothing").AddLink("/srv/app/link", "/opt/app/people.db");
  env.AddFile("/srv/rocks/CURRENT", "MANIFEST-000004\n");
  env.AddFile("/var/lib/postgresql/15/main/PG_VERSION", "15\n");
  env.AddFile("/var/lib/postgresql/15/main/global/pg_control", "x");
  env.AddFile("/var/lib/postgresql/15/main/base/1/PG_VERSION", "15\n");
  env.AddFile("/var/lib/postgresql/15/main/base/1/112", Sqlite());  // not looked at
  Seen seen = Look(database_files_table(), env, {"/srv", "/opt"});
  EXPECT_EQ(seen.incomplete, "");
  ASSERT_EQ(seen.rows.size(), 4u);
  Row plain = seen.rows["/srv/app/people"];
  EXPECT_EQ(plain["kind"] + plain["encrypted"] + plain["storage_encrypted"], "sqlite00");
  EXPECT_EQ(plain["storage_layer"], "sdb");
  EXPECT_EQ(seen.rows["/opt/app/people.db"]["storage_bits"], "256");
  EXPECT_EQ(seen.rows["/srv/rocks"]["kind"], "rocksdb");
  EXPECT_EQ(seen.rows["/srv/rocks"]["encrypted"], "-");
  Row cluster = seen.rows["/var/lib/postgresql/15/main"];
  EXPECT_EQ(cluster["detail"] + " " + cluster["source"], "PostgreSQL cluster 15 known_place");
}

std::string TableSpace(bool encrypted) {
  std::string page(16384, '\0');
  page[25] = 8;
  if (encrypted) page[56] = 0x20;
  return page;
}

TEST(DatabaseFiles, OneTableSpaceInTheClearLeavesTheServerInTheClear) {
  for (const bool all : {true, false}) {
    FakeEnv env;
    FakeStorage storage(env);
    AddHost(env);
    storage.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
    env.AddFile("/var/lib/mysql/ibdata1", TableSpace(true));
    env.AddFile("/var/lib/mysql/app/people.ibd", TableSpace(true));
    env.AddFile("/var/lib/mysql/app/log.ibd", TableSpace(all));
    Seen seen = Look(database_files_table(), env);
    ASSERT_EQ(seen.rows.size(), 1u) << seen.incomplete;
    Row row = seen.rows["/var/lib/mysql"];
    EXPECT_EQ(row["encrypted"], all ? "1" : "0") << row["detail"];
    EXPECT_EQ(row["kind"] + row["storage_encrypted"], "mysql0");
  }
}

TEST(DatabaseFiles, FollowServersToWhereTheyKeepTheirs) {
  FakeEnv env;
  FakeStorage storage(env);
  AddHost(env);
  storage.Disk("sda", "8:0", Luks2Image("aes-xts-plain64", 64)).Disk("sdb", "8:16");
  storage.Luks2("dm-0", "253:0", "sda").Mount("253:0", "/", "ext4", "/dev/dm-0");
  storage.Mount("8:16", "/mnt/big", "ext4", "/dev/sdb");
  env.AddFile("/mnt/big/redis/dump.rdb", "REDIS0011");
  AddProcess(env, {40, 1, "redis-server", "/usr/bin/redis-server", "/mnt/big/redis"});
  AddProcess(env, {50, 1, "postgres", "/usr/lib/postgresql/15/bin/postgres",
                   "/var/lib/postgresql/data", "", "mnt:[2]"});
  env.AddFile("/proc/50/mountinfo",
              "1 0 0:50 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u\n"
              "2 1 8:16 /volumes/pg /var/lib/postgresql/data rw - ext4 /dev/sdb rw\n");
  Seen seen = Look(database_files_table(), env);
  EXPECT_EQ(seen.incomplete, "");
  EXPECT_EQ(seen.rows["/mnt/big/redis/dump.rdb"]["storage_encrypted"], "0");
  Row server = seen.rows["/mnt/big/redis"];
  EXPECT_EQ(server["pid"] + server["kind"] + server["encrypted"], "40redis-");
  Row contained = seen.rows["container postgres /var/lib/postgresql/data"];
  EXPECT_EQ(contained["storage_encrypted"] + contained["storage_layer"], "0sdb");
}

TEST(DatabaseFiles, AContainersPathsAreNotTakenForTheHosts) {
  FakeEnv env;
  FakeStorage storage(env);
  AddHost(env);
  storage.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
  FileInfo directory{.kind = FileKind::kDirectory, .mode = 0755};
  directory.device = makedev(8, 0);
  env.AddNode("/data", directory);  // the host's own, of the same file system
  std::string policy(24, 'k');
  policy.replace(0, 3, "\x02\x01\x04");
  env.SetFscryptPolicy("/data", policy);
  AddProcess(env, {50, 1, "postgres", "/usr/bin/postgres", "/data", "", "mnt:[2]"});
  env.AddFile("/proc/50/mountinfo", "2 1 8:0 /volumes/pg /data rw - ext4 /dev/sda rw\n");
  EXPECT_EQ(Look(database_files_table(), env).rows["container postgres /data"]["storage_encrypted"],
            "0");
}

TEST(DatabaseFiles, WhatCannotBeReadIsSaid) {
  FakeEnv env;
  FakeStorage storage(env);
  AddHost(env);
  storage.Disk("sda", "8:0").Mount("8:0", "/", "ext4", "/dev/sda");
  env.AddFile("/srv/closed/people", Sqlite());
  env.AddError("/srv/closed", absl::PermissionDeniedError("/srv/closed: EACCES"));
  EXPECT_NE(Look(database_files_table(), env, {"/srv"}).incomplete.find("EACCES"),
            std::string::npos);
  env.AddError("/proc/60/cwd", absl::PermissionDeniedError("/proc/60/cwd: EACCES"));
  AddProcess(env, {60, 1, "mysqld", "/usr/sbin/mysqld", "/x"});
  EXPECT_NE(Look(database_files_table(), env).incomplete.find("a mysql server: /proc/60/cwd"),
            std::string::npos);
}

TEST(DatabaseInstances, AreServersAndNotTheirWorkers) {
  FakeEnv env;
  AddHost(env);
  AddProcess(env, {40, 1, "postgres", "/usr/lib/postgresql/15/bin/postgres", "/var/lib/pg"});
  AddProcess(env, {41, 40, "postgres", "/usr/lib/postgresql/15/bin/postgres", "/var/lib/pg"});
  AddProcess(env,
             {50, 1, "mongod", "/usr/bin/mongod", "/", std::string("mongod\0--dbpath\0/m\0", 19)});
  AddProcess(env, {51, 1, "mongod", "/usr/bin/mongod", "/"});
  AddProcess(env, {60, 1, "bash", "/usr/bin/bash", "/home"});
  env.AddFile("/etc/mongod.conf", "storage:\n  dbPath: \"/var/lib/mongo\"  # here\n");
  const Table table = database_instances_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  std::vector<std::string> seen;
  for (const ValueRow& row : scan.rows) {
    seen.push_back(ValueText(row[0]) + " " + ValueText(row[1]) + " " + ValueText(row[3]));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"postgres 40 /var/lib/pg", "mongodb 50 /m",
                                            "mongodb 51 /var/lib/mongo"}));
}

TEST(DatabaseInstances, ASocketWithoutAProcessIsAServer) {
  FakeEnv env;
  AddHost(env);
  env.AddFile("/proc/net/tcp",
              "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
              "timeout inode\n"
              "   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   114   "
              "     0 23456 1 0 100 0 0 10 0\n");
  Seen seen = Look(database_instances_table(), env);
  ASSERT_EQ(seen.rows.size(), 1u);
  Row row = seen.rows["postgres"];
  EXPECT_EQ(row["listens"] + " " + row["pid"] + " " + row["source"], "port 5432 - socket");
}

TEST(FilePermissions, CountsWhatOthersReach) {
  FakeEnv env;
  env.AddFile("/srv/a/read", "x", 0644).AddFile("/srv/a/closed", "x", 0640);
  env.AddDirectory("/srv/a/drop", 0777).AddDirectory("/srv/a/deep", 0750);
  env.AddFile("/srv/a/deep/hidden", "x", 0666).AddFile("/srv/a/suid", "x", 04750);
  env.AddNode("/srv/a/disk", {.kind = FileKind::kBlock, .mode = 0600});
  env.AddLink("/srv/a/link", "/etc/passwd").AddFile("/srv/b", "x", 0600);
  Seen seen = Look(file_permissions_table(), env, {"/srv/a", "/srv/b", "/srv/gone"});
  Row a = seen.rows["/srv/a"];
  EXPECT_EQ(a["others_read"] + " " + a["first_others_read"], "1 /srv/a/read (mode 0644)");
  EXPECT_EQ(a["others_write"] + " " + a["first_others_write"], "1 /srv/a/drop (mode 0777)");
  EXPECT_EQ(a["set_id"] + " " + a["first_set_id"], "1 /srv/a/suid (mode 4750)");
  EXPECT_EQ(a["devices"] + " " + a["not_examined"], "1 0");
  Row b = seen.rows["/srv/b"];
  EXPECT_EQ(b["files"] + b["others_read"] + b["not_examined"], "100");
  EXPECT_NE(seen.rows["/srv/gone"]["error"], "-");
  env.AddError("/srv/a/deep", absl::PermissionDeniedError("/srv/a/deep: EACCES"));
  EXPECT_NE(Look(file_permissions_table(), env, {"/srv/a"}).incomplete, "");
}

}  // namespace
}  // namespace tom
