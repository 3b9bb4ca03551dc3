// Short conversations with TCP servers: the part of Env (env.h) that connects.
//
// One conversation is one endpoint, and makes one connection after another, as answers come in. The
// door decides what may be connected to and how much at once; conversations say what to send, when
// an answer is enough and what to ask next. All run in one thread under one epoll.
//
// Bounds: 2 connections at a time for an endpoint, 1 after a reset, and 100 ms later; 128 in all;
// 5 s for each step (connecting, and the answer to what was sent last: who drips bytes gains no
// time by it); 10 s for an endpoint while any connection of it is open; 64 connections for an
// endpoint; `max_per_second` in any second; `total_ms` for everything. Connections end by RST,
// which spares both sides TIME_WAIT.
#ifndef TOM_CHECKS_ENV_TCP_PROBE_H_
#define TOM_CHECKS_ENV_TCP_PROBE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct TcpTarget {
  std::string host;     // as declared; empty for a listener found on this host
  std::string address;  // numeric, IPv4 or IPv6
  int64_t port = 0;
};

enum class TcpEnd {
  kEnough,        // the dialogue had what it wanted
  kNotListening,  // ECONNREFUSED
  kUnreachable,   // no route, no such address family, a firewall's answer; `detail` has the errno
  kNoConnection,  // no answer to connecting within the step
  kClosed,        // the server closed
  kReset,         // the server reset
  kSilent,        // connected, and no answer, or an unfinished one, within the step
  kFlood,         // more bytes than `max_bytes`
  kNoTime,        // the endpoint's or everybody's time is over
  kForbidden,     // the door does not connect there; `detail` says why
};

struct TcpResult {
  TcpEnd end = TcpEnd::kNoTime;
  std::string detail;
  int64_t ms = 0;  // from connecting to the end
};

struct TcpReaction {
  std::string send;  // to be sent now; a new step begins
  // Nothing more is wanted: the connection ends, and by FIN where something is to be sent still: a
  // goodbye, without which some servers log a fault.
  bool enough = false;
};

// One connection, as the caller sees it.
class TcpDialogue {
 public:
  virtual ~TcpDialogue() = default;
  // What is sent once connected.
  virtual std::string Open() = 0;
  // `bytes` are new ones.
  virtual TcpReaction Receive(std::string_view bytes) = 0;
};

struct TcpAttempt {
  std::unique_ptr<TcpDialogue> dialogue;
  size_t max_bytes = 64 << 10;
  bool alone = false;  // starts when no other connection to the endpoint is open, and keeps it so
  std::string source = {};  // numeric address of this host to connect from; empty = the kernel's
};

// One endpoint. Must outlive the probe.
class TcpConversation {
 public:
  virtual ~TcpConversation() = default;
  virtual const TcpTarget& target() const = 0;
  // The next connection to make, where there is room for one. Nothing while none is in flight: the
  // conversation is over.
  virtual std::optional<TcpAttempt> Next() = 0;
  // Each attempt ends exactly once, and its dialogue comes back.
  virtual void Done(std::unique_ptr<TcpDialogue> dialogue, const TcpResult& result) = 0;
};

// What the configuration allows.
struct TcpPolicy {
  std::vector<TcpTarget> declared;   // host and port count
  std::vector<std::string> exclude;  // "host", "host:port", "[address]:port"
  int64_t max_per_second = 20;
  int64_t step_ms = 5000;
  int64_t endpoint_ms = 10000;
  int64_t total_ms = 20000;
};

// Why nothing may connect to the target; empty = allowed. `own` says whether the address is this
// host's. Refused whatever is declared: addresses of metadata services of clouds, link-local,
// multicast, unspecified and broadcast addresses, and IPv4 ones that are hidden in IPv6.
std::string ForbiddenReason(const TcpPolicy& policy, const TcpTarget& target, bool own);

// Whether probe.exclude names the target, by its host or its address.
bool IsExcluded(const TcpPolicy& policy, const TcpTarget& target);

bool IsLoopback(std::string_view address);

// Runs all conversations to their ends.
void RunTcpProbe(const TcpPolicy& policy, const std::vector<TcpConversation*>& conversations);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_TCP_PROBE_H_
