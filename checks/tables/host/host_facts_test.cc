// processes, last and system_info over what a kernel, a torn log and odd firmware may give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utmp.h>

#include <cstring>

#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"
#include "checks/tables/table_cells.h"

namespace tom {

Table last_table();
Table processes_table();
Table system_info_table();

namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Stat(const std::string& name) {
  return "7 (" + name +
         ") S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 1234 8192000 100 "
         "18446744073709551615\n";
}

constexpr char kStatus[] = "Name:\tx\nUid:\t1000\t0\t33\t1000\nGid:\t100\t100\t4\t100\n";

void AddProcess(FakeEnv& env, int pid, const std::string& name, const std::string& command_line) {
  const std::string directory = "/proc/" + std::to_string(pid);
  env.AddFile(directory + "/stat", Stat(name)).AddFile(directory + "/status", kStatus);
  env.AddFile(directory + "/cmdline", command_line);
  env.AddLink(directory + "/exe", "/usr/bin/x");
}

TEST(ProcessesTable, TellsWhatTheKernelTells) {
  FakeEnv env;
  env.AddFile("/proc/stat", "cpu 1\nbtime 1700000000\n");
  AddProcess(env, 1, "init", std::string("init\0--flag\0", 12));
  env.AddFile("/proc/1/cgroup", "1:name=x:/\n0::/system.slice/a.service\n");
  env.AddLink("/proc/1/cwd", "/").AddLink("/proc/1/root", "/");
  env.AddFile("/proc/1/io", "rchar: 5\nread_bytes: 4096\nwrite_bytes: 12\n");
  const Table table = processes_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan,
                        {"pid", "name", "path", "cmdline", "state", "cwd", "uid", "euid", "suid",
                         "egid", "on_disk", "start_time", "threads", "user_time", "resident_size",
                         "disk_bytes_read", "cgroup_path"}),
              ElementsAre("1|init|/usr/bin/x|init --flag|S|/|1000|0|33|100|1|1700000012|3|2500|"
                          "409600|4096|/system.slice/a.service"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(ProcessesTable, NamesAreWhatProcessesChose) {
  struct Case {
    const char* name;
    const char* shown;
  };
  for (const Case& c : {Case{"a) R 0 (b", "a) R 0 (b"},
                        {"<script>", "<script>"},
                        {"\xff\xfe", "(not text)"},
                        {"", ""},
                        {"x\n8 (root", "x\n8 (root"}}) {
    FakeEnv env;
    env.AddFile("/proc/stat", "btime 1\n");
    AddProcess(env, 1, c.name, "x");
    const Table table = processes_table();
    EXPECT_THAT(CellLines(table, ScanAll(table, env), {"name", "uid"}),
                ElementsAre(std::string(c.shown) + "|1000"))
        << c.name;
  }
}

TEST(ProcessesTable, AProgramThatIsGoneIsSaid) {
  FakeEnv env;
  env.AddFile("/proc/stat", "btime 1\n");
  AddProcess(env, 1, "x", "x");
  env.AddLink("/proc/1/exe", "/usr/bin/old (deleted)");
  AddProcess(env, 2, "y", "y");
  env.AddError("/proc/2/exe", ErrnoStatus(EACCES, "/proc/2/exe"));
  AddProcess(env, 3, "z", "z");
  env.AddLink("/proc/3/exe", " (deleted)");
  const Table table = processes_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"path", "on_disk"}),
              ElementsAre("/usr/bin/old|0", "|-1", " (deleted)|1"));
}

TEST(ProcessesTable, LongCommandLinesAreCutWhereACharacterEnds) {
  FakeEnv env;
  env.AddFile("/proc/stat", "btime 1\n");
  AddProcess(env, 1, "x", std::string(4095, 'a') + "\xc3\xa9 and more");
  const Table table = processes_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"cmdline"}),
              ElementsAre(std::string(4095, 'a')));
}

TEST(ProcessesTable, WhatItCannotSeeIsSaid) {
  FakeEnv hidden;
  hidden.AddFile("/proc/stat", "btime 1\n");
  AddProcess(hidden, 42, "mine", "mine");
  EXPECT_THAT(ScanAll(processes_table(), hidden).incomplete,
              Contains(HasSubstr("hides processes")));

  FakeEnv odd;
  odd.AddFile("/proc/stat", "btime 1\n");
  AddProcess(odd, 1, "x", "x");
  odd.AddFile("/proc/2/stat", "nonsense").AddFile("/proc/2/status", kStatus);
  odd.AddFile("/proc/3/stat", Stat("x")).AddFile("/proc/3/status", "no ids\n");
  const Scan scan = ScanAll(processes_table(), odd);
  EXPECT_THAT(scan.rows, SizeIs(1));
  EXPECT_THAT(scan.incomplete, ElementsAre(HasSubstr("2 processes could not be read")));

  FakeEnv dead;
  dead.SetMode(RootMode::kDeadTree);
  EXPECT_THAT(ScanAll(processes_table(), dead).incomplete,
              Contains(HasSubstr("only a live kernel")));
}

// One that ends between two looks is no gap in what was seen.
TEST(ProcessesTable, OneThatEndsMeanwhileIsLeftOut) {
  FakeEnv env;
  env.AddFile("/proc/stat", "btime 1\n");
  AddProcess(env, 1, "x", "x");
  env.AddDirectory("/proc/2");
  env.AddFile("/proc/3/stat", Stat("x"));
  const Scan scan = ScanAll(processes_table(), env);
  EXPECT_THAT(scan.rows, SizeIs(1));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

std::string Login(short type, const std::string& user, const std::string& host, int32_t seconds) {
  struct utmp record {};
  record.ut_type = type;
  std::memcpy(record.ut_line, "pts/0", 5);
  std::memcpy(record.ut_user, user.data(), std::min(user.size(), sizeof record.ut_user));
  std::memcpy(record.ut_host, host.data(), std::min(host.size(), sizeof record.ut_host));
  record.ut_tv.tv_sec = seconds;
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

TEST(LastTable, ReadsTheOlderFileFirst) {
  FakeEnv env;
  env.AddFile("/var/log/wtmp", Login(USER_PROCESS, "bob", "2001:db8::1", 200));
  env.AddFile("/var/log/wtmp.1",
              Login(BOOT_TIME, "reboot", "6.1", 50) + Login(USER_PROCESS, "alice", "", 100));
  const Table table = last_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"username", "type_name", "time", "host", "source"}),
              ElementsAre("reboot|boot-time|50|6.1|/var/log/wtmp.1",
                          "alice|user-process|100||/var/log/wtmp.1",
                          "bob|user-process|200|2001:db8::1|/var/log/wtmp"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(LastTable, ALogThatIsTornOrNoLogIsSaid) {
  const std::string whole = Login(USER_PROCESS, "alice", "", 100);
  struct Case {
    const char* what;
    void (*make)(FakeEnv& env, const std::string& record);
    size_t rows;
  };
  const Case cases[] = {
      {"cut short",
       [](FakeEnv& env, const std::string& record) {
         env.AddFile("/var/log/wtmp", record + record.substr(0, 100));
       },
       1},
      {"absent", [](FakeEnv&, const std::string&) {}, 0},
      {"FIFO",
       [](FakeEnv& env, const std::string&) {
         env.AddNode("/var/log/wtmp", {.kind = FileKind::kFifo});
       },
       0},
      {"loop",
       [](FakeEnv& env, const std::string&) { env.AddLink("/var/log/wtmp", "/var/log/wtmp"); }, 0},
      {"denied",
       [](FakeEnv& env, const std::string& record) {
         env.AddFile("/var/log/wtmp", record)
             .AddError("/var/log/wtmp", ErrnoStatus(EACCES, "/var/log/wtmp"));
       },
       0},
      {"text",
       [](FakeEnv& env, const std::string&) { env.AddFile("/var/log/wtmp", "rotated away\n"); }, 0},
      {"an older file that is denied",
       [](FakeEnv& env, const std::string& record) {
         env.AddFile("/var/log/wtmp", record).AddFile("/var/log/wtmp.1", record);
         env.AddError("/var/log/wtmp.1", ErrnoStatus(EACCES, "/var/log/wtmp.1"));
       },
       1},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    c.make(env, whole);
    const Scan scan = ScanAll(last_table(), env);
    EXPECT_THAT(scan.incomplete, SizeIs(1)) << c.what;
    EXPECT_THAT(scan.incomplete, Each(HasSubstr("/var/log/wtmp"))) << c.what;
    EXPECT_THAT(scan.rows, SizeIs(c.rows)) << c.what;
  }
}

TEST(LastTable, NamesAreMadePrintable) {
  FakeEnv env;
  env.AddFile("/var/log/wtmp", Login(USER_PROCESS, "\xff<b>", "evil\x1b[31m", -1));
  const Table table = last_table();
  EXPECT_THAT(CellLines(table, ScanAll(table, env), {"username", "time"}),
              ElementsAre("?<b>|4294967295"));
}

TEST(SystemInfoTable, TellsOneRow) {
  FakeEnv env;
  env.AddFile("/proc/sys/kernel/hostname", "web1\n").AddFile("/proc/sys/kernel/arch", "x86_64\n");
  env.AddFile("/proc/cpuinfo",
              "processor\t: 0\nmodel name\t: Some CPU\nphysical id\t: 0\ncore id\t: 0\n\n"
              "processor\t: 1\nmodel name\t: Some CPU\nphysical id\t: 0\ncore id\t: 0\n");
  env.AddFile("/proc/meminfo", "MemTotal:        2048 kB\nMemFree: 1 kB\n");
  env.AddFile("/sys/class/dmi/id/sys_vendor", "Maker\x1b[31m <b>  \n");
  env.AddFile("/sys/class/dmi/id/product_uuid", "x")
      .AddError("/sys/class/dmi/id/product_uuid", ErrnoStatus(EACCES, "uuid"));
  const Table table = system_info_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(
      CellLines(table, scan,
                {"hostname", "cpu_type", "cpu_brand", "cpu_logical_cores", "cpu_physical_cores",
                 "cpu_sockets", "physical_memory", "hardware_vendor", "uuid"}),
      ElementsAre("web1|x86_64|Some CPU|2|1|1|2097152|Maker?[31m <b>|NULL"));
  EXPECT_THAT(scan.incomplete, IsEmpty());
}

TEST(SystemInfoTable, WhatIsNotThereIsNullOrSaid) {
  FakeEnv env;
  env.AddFile("/proc/meminfo", "MemTotal: lots\n")
      .AddNode("/proc/cpuinfo", {.kind = FileKind::kFifo});
  env.AddNode("/etc/hostname", {.kind = FileKind::kFifo});
  const Table table = system_info_table();
  const Scan scan = ScanAll(table, env);
  EXPECT_THAT(CellLines(table, scan, {"hostname", "cpu_logical_cores", "physical_memory"}),
              ElementsAre("NULL|NULL|NULL"));
  EXPECT_THAT(scan.incomplete, Contains(HasSubstr("/proc/cpuinfo")));
}

}  // namespace
}  // namespace tom
