#include "checks/parse/proc_net.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "checks/parse/address_reach.h"

namespace tom {
namespace {

using namespace std::string_literals;

constexpr char kHeading[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

// The address as the kernel of this machine prints it, with a port.
std::string Printed(const std::string& bytes, const std::string& port) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + i, 4);
    char hex[9];
    std::snprintf(hex, sizeof(hex), "%08X", word);
    text += hex;
  }
  return text + ":" + port;
}

std::string Line(const std::string& local, const std::string& remote, const std::string& state,
                 const std::string& uid = "0", const std::string& inode = "77") {
  return "   0: " + local + " " + remote + " " + state +
         " 00000000:00000000 00:00000000 00000000 " + uid + "        0 " + inode +
         " 1 0000000000000000 100 0 0 10 0\n";
}

TEST(ProcNet, ReadsSocketsOfBothFamilies) {
  const InetSockets result = ParseInetSockets(
      kHeading + Line(Printed("\x7f\0\0\x01"s, "0016"), "00000000:0000", "0A", "101", "4711") +
      Line(Printed("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x02\0\x0a"s, "01BB"),
           Printed(std::string(16, '\0'), "0000"), "0A") +
      Line(Printed("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s, "1F90"),
           Printed("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"s, "FFFF"), "01"));
  ASSERT_TRUE(result.problems.empty()) << result.problems[0];
  ASSERT_EQ(result.sockets.size(), 3u);
  EXPECT_EQ(AddressText(result.sockets[0].local), "127.0.0.1");
  EXPECT_EQ(result.sockets[0].local_port, 22);
  EXPECT_EQ(result.sockets[0].state, 10);
  EXPECT_EQ(result.sockets[0].uid, 101);
  EXPECT_EQ(result.sockets[0].inode, 4711);
  EXPECT_EQ(AddressText(result.sockets[1].local), "::ffff:10.2.0.10");
  EXPECT_EQ(AddressText(result.sockets[2].local), "2001:db8::1");
  EXPECT_EQ(AddressText(result.sockets[2].remote), "2001:db8::2");
  EXPECT_EQ(result.sockets[2].remote_port, 65535);
}

TEST(ProcNet, ALineThatIsNoSocketIsAProblem) {
  const std::string cases[] = {
      "garbage\n",
      Line("0100007F", "00000000:0000", "0A"),
      Line("0100007F:", "00000000:0000", "0A"),
      Line("0100007F:10000", "00000000:0000", "0A"),
      Line("0100007F:-001", "00000000:0000", "0A"),
      Line("010000ZZ:0016", "00000000:0000", "0A"),
      Line("0100007F0100007F:0016", "00000000:0000", "0A"),
      Line("0100007F:0016", "00000000:0000", "XX"),
      Line("0100007F:0016", "00000000:0000", "0A", "-1"),
      Line("0100007F:0016", "00000000:0000", "0A", "0", "99999999999999999999"),
      std::string("\0\0\0\n", 4),
      std::string(1 << 20, 'x'),
  };
  for (const std::string& line : cases) {
    const InetSockets result = ParseInetSockets(kHeading + line);
    EXPECT_EQ(result.problems.size(), 1u) << line.substr(0, 60);
    EXPECT_TRUE(result.sockets.empty()) << line.substr(0, 60);
  }
  EXPECT_TRUE(ParseInetSockets("").sockets.empty());
  EXPECT_TRUE(ParseInetSockets(kHeading).problems.empty());
}

TEST(ProcNet, IsBounded) {
  std::string many = kHeading;
  for (size_t i = 0; i <= kMaxSockets; ++i)
    many += "0: 00000000:0001 00000000:0000 0A 0 0 0 0 0 1\n";
  const InetSockets result = ParseInetSockets(many);
  EXPECT_EQ(result.sockets.size(), kMaxSockets);
  ASSERT_EQ(result.problems.size(), 1u);
  std::string bad = kHeading;
  for (int i = 0; i < 10000; ++i) bad += "bad\n";
  EXPECT_EQ(ParseInetSockets(bad).problems.size(), 10u);
}

TEST(ProcNet, ReadsUnixSockets) {
  const std::vector<UnixSocket> sockets = ParseUnixSockets(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 15324 /run/a socket\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 15325\n"
      "ffff9d3c1a2b3c00: 00000002 00000000 00000000 0002 01 15326 @hidden@name\n");
  ASSERT_EQ(sockets.size(), 3u);
  EXPECT_TRUE(sockets[0].listening);
  EXPECT_EQ(sockets[0].path, "/run/a socket");
  EXPECT_EQ(sockets[0].inode, 15324);
  EXPECT_FALSE(sockets[1].listening);
  EXPECT_EQ(sockets[1].path, "");
  EXPECT_EQ(sockets[2].type, 2);
  EXPECT_EQ(sockets[2].path, "@hidden@name");
}

TEST(ProcNet, APathWithALineEndStaysOnePath) {
  const std::vector<UnixSocket> sockets = ParseUnixSockets(
      "Num\n0000000000000000: 00000002 00000000 00010000 0001 01 9 /run/a\nb\n\nc: d\n");
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].path, "/run/a\nb\n\nc: d");
  std::string huge = "Num\n0: 2 0 10000 1 1 9 /x\n";
  for (int i = 0; i < 10000; ++i) huge += "yyyyyyyyyyyyyyyyyyyyyyyyyyy\n";
  EXPECT_LE(ParseUnixSockets(huge).at(0).path.size(), 4096u);
}

}  // namespace
}  // namespace tom
