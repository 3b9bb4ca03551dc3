// Sockets that processes hold, as osquery has them: those of TCP, UDP and UDP-Lite, and named Unix
// sockets, in every network namespace that a process lives in. A socket whose holder cannot be seen
// has pid -1.
#include "checks/engine/table.h"
#include "checks/parse/address_reach.h"
#include "checks/parse/proc_net.h"
#include "checks/tables/socket_owners.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBytes = 48 << 20;
constexpr size_t kMaxNamespaces = 256;

struct InetFile {
  const char* name;
  int64_t protocol;
  int64_t family;
  bool optional;
};

constexpr InetFile kInetFiles[] = {{"tcp", 6, 2, false},      {"tcp6", 6, 10, true},
                                   {"udp", 17, 2, false},     {"udp6", 17, 10, true},
                                   {"udplite", 136, 2, true}, {"udplite6", 136, 10, true}};

// As the kernel numbers TCP's states (include/net/tcp_states.h).
std::string StateName(int state) {
  constexpr const char* kNames[] = {"",           "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
                                    "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSED",
                                    "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING"};
  return state >= 0 && state < 12 ? kNames[state] : "";
}

struct OpenSocket {
  int64_t inode = 0;
  int64_t family = 1;
  int64_t protocol = 0;
  std::string local;
  std::string remote;
  int64_t local_port = 0;
  int64_t remote_port = 0;
  std::string path;
  std::string state;
  std::string net_namespace;
};

class SocketScan {
 public:
  SocketScan(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  absl::Status Run() {
    auto pids = ListProcesses(env_);
    if (!pids.ok()) {
      const bool dead = env_.mode() == RootMode::kDeadTree;
      return dead ? Annotate(pids.status(), "only a live kernel knows the sockets") : pids.status();
    }
    const NetNamespaces namespaces = FindNetNamespaces(env_, *pids);
    if (namespaces.denied > 0) {
      sink_.Incomplete("the network namespaces of some processes may not be read (EACCES)");
    }
    if (namespaces.members.empty()) {
      Namespace(env_.mode() == RootMode::kHostRoot ? "/proc/1/net" : "/proc/net", "");
    }
    size_t count = 0;
    for (const auto& [name, members] : namespaces.members) {
      if (++count > kMaxNamespaces) {
        sink_.Incomplete("more than 256 network namespaces");
        break;
      }
      Namespace(DirectoryOf(members), name[0] == '?' ? "" : name);
    }
    AddRows(*pids);
    return absl::OkStatus();
  }

 private:
  std::string DirectoryOf(const std::vector<int64_t>& pids) {
    std::string directory;
    for (const int64_t pid : pids) {
      directory = "/proc/" + std::to_string(pid) + "/net";
      if (env_.Lstat(directory + "/tcp").ok()) break;
    }
    return directory;
  }

  void Namespace(const std::string& directory, const std::string& name) {
    for (const InetFile& file : kInetFiles) Inet(file, directory, name);
    const auto text = env_.ReadFile(directory + "/unix", kMaxBytes);
    if (!text.ok()) return sink_.Incomplete(std::string(text.status().message()));
    for (const UnixSocket& socket : ParseUnixSockets(*text)) {
      if (socket.path.empty()) continue;
      OpenSocket& one = sockets_.emplace_back();
      one.inode = socket.inode;
      one.path = socket.path;
      one.net_namespace = name;
    }
  }

  void Inet(const InetFile& file, const std::string& directory, const std::string& name) {
    const std::string path = directory + "/" + file.name;
    const auto text = env_.ReadFile(path, kMaxBytes);
    if (!text.ok()) {
      const bool absent = file.optional && absl::IsNotFound(text.status());
      if (!absent) sink_.Incomplete(std::string(text.status().message()));
      return;
    }
    const InetSockets parsed = ParseInetSockets(*text);
    for (const std::string& problem : parsed.problems) {
      sink_.Incomplete(std::string(path).append(" ").append(problem));
    }
    for (const InetSocket& socket : parsed.sockets) {
      sockets_.push_back({.inode = socket.inode,
                          .family = file.family,
                          .protocol = file.protocol,
                          .local = AddressText(socket.local),
                          .remote = AddressText(socket.remote),
                          .local_port = socket.local_port,
                          .remote_port = socket.remote_port,
                          .path = "",
                          .state = file.protocol == 6 ? StateName(socket.state) : "",
                          .net_namespace = name});
    }
  }

  void AddRows(const std::vector<int64_t>& pids) {
    std::set<int64_t> inodes;
    for (const OpenSocket& one : sockets_) inodes.insert(one.inode);
    inodes.erase(0);
    const SocketOwners owners = FindSocketOwners(env_, pids, inodes);
    const std::vector<SocketOwner> nobody = {{-1, -1}};
    for (const OpenSocket& one : sockets_) {
      const auto found = owners.find(one.inode);
      for (const SocketOwner& holder : found == owners.end() ? nobody : found->second) {
        if (!AddRow(one, holder)) return;
      }
    }
  }

  bool AddRow(const OpenSocket& one, const SocketOwner& holder) {
    return sink_.Add({{"pid", holder.pid},
                      {"fd", holder.fd},
                      {"socket", one.inode},
                      {"family", one.family},
                      {"protocol", one.protocol},
                      {"local_address", one.local},
                      {"remote_address", one.remote},
                      {"local_port", one.local_port},
                      {"remote_port", one.remote_port},
                      {"path", one.path},
                      {"state", one.state},
                      {"net_namespace", one.net_namespace}});
  }

  Env& env_;
  RowSink& sink_;
  std::vector<OpenSocket> sockets_;
};

absl::Status GenerateOpenSockets(Env& env, const TableContext&, RowSink& sink) {
  return SocketScan(env, sink).Run();
}

}  // namespace

Table process_open_sockets_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {.name = "process_open_sockets",
          .description = "Sockets that processes hold",
          .columns = {{.name = "pid", .type = kInt, .description = "Process; -1: not known"},
                      {.name = "fd", .type = kBig, .description = "Descriptor; -1: not known"},
                      {.name = "socket", .type = kBig, .description = "Inode of the socket"},
                      {.name = "family", .type = kInt, .description = "2 IPv4, 10 IPv6, 1 Unix"},
                      {.name = "protocol",
                       .type = kInt,
                       .description = "6 TCP, 17 UDP, 136 UDP-Lite, 0 Unix"},
                      {.name = "local_address", .description = "Own address"},
                      {.name = "remote_address", .description = "The other end's"},
                      {.name = "local_port", .type = kInt, .description = "Own port"},
                      {.name = "remote_port", .type = kInt, .description = "The other end's"},
                      {.name = "path", .description = "Of a Unix socket; @ in front: abstract"},
                      {.name = "state", .description = "Of TCP: LISTEN, ESTABLISHED, …"},
                      {.name = "net_namespace", .description = "Inode of the network namespace"}},
          .generate = GenerateOpenSockets,
          .touches = [](Env&, const Declared&) { return ProcessTouches(); }};
}

}  // namespace tom
