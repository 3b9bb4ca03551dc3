#include <gtest/gtest.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {

Table os_version_table();

namespace {

constexpr char kBookworm[] =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
    "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";

struct Result {
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> incomplete;
};

Result ScanVersion(FakeEnv& env) {
  const Table table = os_version_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Result result{{}, scan.incomplete};
  for (const ValueRow& row : scan.rows) {
    auto& cells = result.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) cells[table.columns[i].name] = ValueText(row[i]);
  }
  return result;
}

TEST(OsVersion, ReadsEtcAndDebiansPointRelease) {
  FakeEnv env;
  env.AddFile("/etc/os-release", kBookworm)
      .AddFile("/usr/lib/os-release", "ID=other\n")
      .AddFile("/etc/debian_version", "12.5\n")
      .AddFile("/proc/sys/kernel/arch", "x86_64\n");
  Result result = ScanVersion(env);
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_TRUE(result.incomplete.empty());
  auto& row = result.rows[0];
  EXPECT_EQ(row["name"], "Debian GNU/Linux");
  EXPECT_EQ(row["major"], "12");
  EXPECT_EQ(row["minor"], "5");
  EXPECT_EQ(row["patch"], "");
  EXPECT_EQ(row["platform"], "debian");
  EXPECT_EQ(row["codename"], "bookworm");
  EXPECT_EQ(row["arch"], "x86_64");
  EXPECT_EQ(row["source"], "/etc/os-release");
}

TEST(OsVersion, AnotherSystemsDebianVersionIsNotItsOwn) {
  FakeEnv env;
  env.AddFile("/usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"22.04\"\n")
      .AddFile("/etc/debian_version", "bookworm/sid\n");
  auto row = ScanVersion(env).rows.at(0);
  EXPECT_EQ(row["major"], "22");
  EXPECT_EQ(row["minor"], "4");
  EXPECT_EQ(row["debian_version"], "bookworm/sid");
  EXPECT_EQ(row["source"], "/usr/lib/os-release");
}

TEST(OsVersion, SaysWhatItCouldNotRead) {
  struct Case {
    const char* name;
    void (*spoil)(FakeEnv& env);
    size_t rows;
    const char* reason;
  };
  const Case cases[] = {
      {"nothing there", [](FakeEnv&) {}, 0, "/etc/os-release: No such file or directory (ENOENT)"},
      {"denied: the second one is not asked",
       [](FakeEnv& env) {
         env.AddFile("/usr/lib/os-release", kBookworm)
             .AddError("/etc/os-release", ErrnoStatus(EACCES, "/etc/os-release"));
       },
       0, "/etc/os-release: Permission denied (EACCES)"},
      {"a FIFO", [](FakeEnv& env) { env.AddNode("/etc/os-release", {.kind = FileKind::kFifo}); }, 0,
       "/etc/os-release: not a regular file but a fifo"},
      {"huge", [](FakeEnv& env) { env.AddFile("/etc/os-release", std::string(70000, 'x')); }, 0,
       "/etc/os-release: larger than 65536 bytes"},
      {"a bad line", [](FakeEnv& env) { env.AddFile("/etc/os-release", "ID=a\nVERSION=\"\n"); }, 1,
       "/etc/os-release line 2: a value that is not quoted as it should be"},
      {"a binary debian_version",
       [](FakeEnv& env) {
         env.AddFile("/etc/os-release", kBookworm)
             .AddFile("/etc/debian_version", std::string("\0\1", 2));
       },
       1, "/etc/debian_version: the first line is no text"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    c.spoil(env);
    const Result result = ScanVersion(env);
    EXPECT_EQ(result.rows.size(), c.rows) << c.name;
    ASSERT_EQ(result.incomplete.size(), 1u) << c.name;
    EXPECT_EQ(result.incomplete[0], std::string("os_version: ") + c.reason) << c.name;
  }
}

}  // namespace
}  // namespace tom
