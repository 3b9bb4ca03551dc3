// /proc/net/tcp, tcp6, udp, udp6 and unix (proc(5), Documentation/networking/proc_net_tcp.rst of
// the kernel). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_PROC_NET_H_
#define TOM_CHECKS_PARSE_PROC_NET_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr size_t kMaxSockets = 400000;

struct InetSocket {
  std::string local;   // 4 or 16 bytes, network order
  std::string remote;  // as local
  int64_t local_port = 0;
  int64_t remote_port = 0;
  int state = 0;  // as the kernel numbers TCP's states: 1 established, 7 closed, 10 listen
  int64_t uid = 0;
  int64_t inode = 0;  // 0: the socket has no owner any more
};

struct InetSockets {
  std::vector<InetSocket> sockets;
  std::vector<std::string> problems;  // "line 2: …"; each is a socket that may have been missed
};

// The kernel prints an address as 32-bit words of its own byte order: the text is read as one of
// this machine's order. IPv4 or IPv6 is told by the address's length.
InetSockets ParseInetSockets(std::string_view text);

struct UnixSocket {
  bool listening = false;  // takes connections
  int type = 0;            // 1 stream, 2 datagram, 5 seqpacket
  int64_t inode = 0;
  std::string path;  // "" unnamed; "@…" abstract
};

// A path may hold line ends, so a line that does not have the kernel's form goes on with the path
// before it: no problem is ever reported, and such a line can only forge sockets of this family.
std::vector<UnixSocket> ParseUnixSockets(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PROC_NET_H_
