#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>

#include "checks/engine/scan.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {

Table listening_ports_table();

namespace {

constexpr char kHeading[] = "  sl  local_address rem_address   st\n";

std::string Socket(const std::string& local, const std::string& remote, const std::string& state,
                   int inode) {
  return "   0: " + local + " " + remote + " " + state + " 0:0 0:0 0 33 0 " +
         std::to_string(inode) + " 1\n";
}

// Four bytes of an address as the kernel of this machine prints them.
std::string Word(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  const uint8_t bytes[] = {a, b, c, d};
  uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  char hex[9];
  std::snprintf(hex, sizeof(hex), "%08X", word);
  return hex;
}

constexpr char kAny6[] = "00000000000000000000000000000000:0000";

// A host's sockets, under the given folder of /proc.
void AddNet(FakeEnv& env, const std::string& net) {
  const std::string loopback = Word(127, 0, 0, 1);
  const std::string own = Word(10, 0, 2, 10);
  const std::string mapped = "0000000000000000" + Word(0, 0, 255, 255) + loopback;
  env.AddFile(net + "/tcp", kHeading + Socket("00000000:0017", "00000000:0000", "0A", 100) +
                                Socket(loopback + ":18EB", "00000000:0000", "0A", 101) +
                                Socket(loopback + ":18EB", loopback + ":9999", "01", 102));
  env.AddFile(net + "/tcp6", kHeading + Socket(mapped + ":01BB", kAny6, "0A", 103));
  env.AddFile(net + "/udp", kHeading + Socket(own + ":0045", "00000000:0000", "07", 104) +
                                Socket(own + ":8000", "08080808:0035", "01", 105));
  env.AddFile(net + "/unix", "Num\n0: 2 0 10000 1 1 106 /run/a\n0: 3 0 0 1 3 107\n");
}

void AddHost(FakeEnv& env) {
  env.AddLink("/proc/1/ns/net", "net:[500]")
      .AddFile("/proc/1/comm", "inetd\n")
      .AddLink("/proc/1/fd/3", "socket:[100]");
  AddNet(env, "/proc/1/net");
}

using Cells = std::map<std::string, std::string>;

struct Ports {
  std::vector<Cells> rows;
  std::vector<std::string> incomplete;
};

Ports ScanPorts(FakeEnv& env) {
  const Table table = listening_ports_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Ports ports;
  ports.incomplete = scan.incomplete;
  for (const ValueRow& row : scan.rows) {
    Cells& cells = ports.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) cells[table.columns[i].name] = ValueText(row[i]);
  }
  return ports;
}

TEST(ListeningPorts, ListsWhatWaitsAndWhoHoldsIt) {
  FakeEnv env;
  AddHost(env);
  const Ports ports = ScanPorts(env);
  EXPECT_TRUE(ports.incomplete.empty()) << ports.incomplete[0];
  ASSERT_EQ(ports.rows.size(), 5u);
  Cells telnet = ports.rows[0];
  EXPECT_EQ(telnet["port"], "23");
  EXPECT_EQ(telnet["pid"], "1");
  EXPECT_EQ(telnet["fd"], "3");
  EXPECT_EQ(telnet["process_name"], "inetd");
  EXPECT_EQ(telnet["net_namespace"], "500");
  EXPECT_EQ(telnet["reach"], "any");
  EXPECT_EQ(telnet["routable"], "1");
  Cells redis = ports.rows[1];
  EXPECT_EQ(redis["port"], "6379");
  EXPECT_EQ(redis["pid"], "-1");
  EXPECT_EQ(redis["routable"], "0");
  Cells mapped = ports.rows[2];
  EXPECT_EQ(mapped["address"], "::ffff:127.0.0.1");
  EXPECT_EQ(mapped["family"], "10");
  EXPECT_EQ(mapped["reach"], "loopback");
  Cells tftp = ports.rows[3];
  EXPECT_EQ(tftp["protocol"], "17");
  EXPECT_EQ(tftp["address"], "10.0.2.10");
  EXPECT_EQ(tftp["reach"], "private");
  Cells named = ports.rows[4];
  EXPECT_EQ(named["family"], "1");
  EXPECT_EQ(named["path"], "/run/a");
}

TEST(ListeningPorts, AnUnreadableProcessHidesNoPort) {
  FakeEnv env;
  AddHost(env);
  env.AddError("/proc/1/fd", ErrnoStatus(EACCES, "/proc/1/fd"));
  const Ports ports = ScanPorts(env);
  EXPECT_TRUE(ports.incomplete.empty());
  ASSERT_EQ(ports.rows.size(), 5u);
  EXPECT_EQ(ports.rows[0].at("pid"), "-1");
}

TEST(ListeningPorts, ReadsEveryNetworkNamespace) {
  FakeEnv env;
  AddHost(env);
  env.AddLink("/proc/7/ns/net", "net:[600]");
  AddNet(env, "/proc/7/net");
  const Ports ports = ScanPorts(env);
  EXPECT_TRUE(ports.incomplete.empty());
  ASSERT_EQ(ports.rows.size(), 10u);
  EXPECT_EQ(ports.rows[9].at("net_namespace"), "600");
}

TEST(ListeningPorts, SaysWhatWasNotRead) {
  struct Case {
    const char* name;
    void (*spoil)(FakeEnv& env);
    const char* reason;
  };
  const Case cases[] = {
      {"tcp denied",
       [](FakeEnv& env) {
         env.AddError("/proc/1/net/tcp", ErrnoStatus(EACCES, "/proc/1/net/tcp"));
       },
       "/proc/1/net/tcp: Permission denied (EACCES)"},
      {"udp6 denied",
       [](FakeEnv& env) { env.AddError("/proc/1/net/udp6", ErrnoStatus(EIO, "/proc/1/net/udp6")); },
       "/proc/1/net/udp6: Input/output error (EIO)"},
      {"a line that is none",
       [](FakeEnv& env) { env.AddFile("/proc/1/net/udp", std::string("x\n\0\0\n", 5)); },
       "/proc/1/net/udp line 2: not a socket"},
      {"a FIFO", [](FakeEnv& env) { env.AddNode("/proc/1/net/tcp", {.kind = FileKind::kFifo}); },
       "/proc/1/net/tcp: not a regular file but a fifo"},
      {"SCTP", [](FakeEnv& env) { env.AddFile("/proc/1/net/sctp/eps", "ENDPT\nx\n"); },
       "/proc/1/net/sctp/eps: SCTP listeners are not read"},
      {"a process that may not be asked",
       [](FakeEnv& env) {
         env.AddDirectory("/proc/9").AddError("/proc/9", ErrnoStatus(EACCES, "/proc/9"));
       },
       "the network namespaces of 1 processes may not be read (EACCES)"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    AddHost(env);
    c.spoil(env);
    const Ports ports = ScanPorts(env);
    ASSERT_EQ(ports.incomplete.size(), 1u) << c.name;
    EXPECT_EQ(ports.incomplete[0], std::string("listening_ports: ") + c.reason) << c.name;
  }
}

TEST(ListeningPorts, HiddenProcessesAreSaid) {
  FakeEnv env;
  env.AddDirectory("/proc/77");
  AddNet(env, "/proc/net");
  const Ports ports = ScanPorts(env);
  EXPECT_EQ(ports.rows.size(), 5u);
  ASSERT_EQ(ports.incomplete.size(), 1u);
  EXPECT_NE(ports.incomplete[0].find("hides processes"), std::string::npos);
}

TEST(ListeningPorts, ADeadTreeKnowsOnlyWhatWasRecorded) {
  FakeEnv empty;
  empty.SetMode(RootMode::kDeadTree);
  const Ports none = ScanPorts(empty);
  EXPECT_TRUE(none.rows.empty());
  ASSERT_FALSE(none.incomplete.empty());
  EXPECT_NE(none.incomplete[0].find("only a live kernel knows"), std::string::npos);

  FakeEnv recorded;
  recorded.SetMode(RootMode::kDeadTree);
  AddNet(recorded, "/proc/net");
  EXPECT_EQ(ScanPorts(recorded).rows.size(), 5u);
  EXPECT_TRUE(ScanPorts(recorded).incomplete.empty());
}

}  // namespace
}  // namespace tom
