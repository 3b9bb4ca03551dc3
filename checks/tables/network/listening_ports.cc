// Sockets that wait for others: TCP in state listen, UDP without a peer, Unix sockets with a name.
// Of every network namespace that a process lives in, so those of containers too. A port without a
// readable owner has pid -1, as in osquery: who holds it is unknown, that it is open is not.
#include <algorithm>

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
constexpr int kClosed = 7;
constexpr int kListen = 10;
constexpr int kDatagram = 2;

struct InetFile {
  const char* name;
  int64_t protocol;
  int64_t family;
  int state;
  bool optional;  // absent where the kernel has no IPv6, or no UDP-Lite
};

constexpr InetFile kInetFiles[] = {
    {"tcp", 6, 2, kListen, false},      {"tcp6", 6, 10, kListen, true},
    {"udp", 17, 2, kClosed, false},     {"udp6", 17, 10, kClosed, true},
    {"udplite", 136, 2, kClosed, true}, {"udplite6", 136, 10, kClosed, true},
};

struct Listener {
  int64_t protocol = 0;
  int64_t family = 1;
  int64_t port = 0;
  std::string address;
  std::string path;
  Value uid;
  int64_t inode = 0;
  std::string net_namespace;
  Value reach;
  bool routable = false;
};

class ListenerScan {
 public:
  ListenerScan(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  absl::Status Run() {
    auto pids = ListProcesses(env_);
    if (!pids.ok()) return OnlyLive(pids.status());
    pids_ = *std::move(pids);
    const bool running = env_.mode() != RootMode::kDeadTree;
    if (running && (pids_.empty() || pids_[0] != 1)) {
      sink_.Incomplete("/proc hides processes, and with them the network namespaces they live in");
    }
    ReadNamespaces(FindNetNamespaces(env_, pids_));
    AddRows();
    return absl::OkStatus();
  }

 private:
  absl::Status OnlyLive(const absl::Status& status) const {
    if (env_.mode() != RootMode::kDeadTree) return status;
    return Annotate(status, "only a live kernel knows the listeners");
  }

  void Say(const absl::Status& status) {
    sink_.Incomplete(std::string(OnlyLive(status).message()));
  }

  void ReadNamespaces(const NetNamespaces& namespaces) {
    if (namespaces.denied > 0) {
      sink_.Incomplete("the network namespaces of " + std::to_string(namespaces.denied) +
                       " processes may not be read (EACCES)");
    }
    if (namespaces.members.empty()) {
      const bool host_root = env_.mode() == RootMode::kHostRoot;
      return ReadNamespace(host_root ? "/proc/1/net" : "/proc/net", "");
    }
    size_t count = 0;
    for (const auto& [name, pids] : namespaces.members) {
      if (++count > kMaxNamespaces) return sink_.Incomplete("more than 256 network namespaces");
      ReadNamespace(DirectoryOf(pids), name[0] == '?' ? "" : name);
    }
  }

  // The first process that is still there.
  std::string DirectoryOf(const std::vector<int64_t>& pids) {
    std::string directory;
    for (const int64_t pid : pids) {
      directory = "/proc/" + std::to_string(pid) + "/net";
      if (env_.Lstat(directory + "/tcp").ok()) break;
    }
    return directory;
  }

  void ReadNamespace(const std::string& directory, const std::string& name) {
    for (const InetFile& file : kInetFiles) ReadInet(file, directory, name);
    ReadUnix(directory + "/unix", name);
    const auto sctp = env_.ReadFile(directory + "/sctp/eps", 1 << 20);
    if (sctp.ok() && std::count(sctp->begin(), sctp->end(), '\n') > 1) {
      sink_.Incomplete(directory + "/sctp/eps: SCTP listeners are not read");
    }
  }

  void ReadInet(const InetFile& file, const std::string& directory, const std::string& name) {
    const std::string path = directory + "/" + file.name;
    const auto text = env_.ReadFile(path, kMaxBytes);
    if (!text.ok()) {
      if (!file.optional || !absl::IsNotFound(text.status())) Say(text.status());
      return;
    }
    const InetSockets result = ParseInetSockets(*text);
    for (const std::string& problem : result.problems) sink_.Incomplete(path + " " + problem);
    for (const InetSocket& socket : result.sockets) {
      if (socket.state != file.state || socket.remote_port != 0) continue;
      const AddressReach reach = ReachOf(socket.local);
      listeners_.push_back({.protocol = file.protocol,
                            .family = file.family,
                            .port = socket.local_port,
                            .address = AddressText(socket.local),
                            .path = "",
                            .uid = socket.uid,
                            .inode = socket.inode,
                            .net_namespace = name,
                            .reach = std::string(AddressReachName(reach)),
                            .routable = reach != AddressReach::kLoopback});
    }
  }

  void ReadUnix(const std::string& path, const std::string& name) {
    const auto text = env_.ReadFile(path, kMaxBytes);
    if (!text.ok()) return Say(text.status());
    for (const UnixSocket& socket : ParseUnixSockets(*text)) {
      if (socket.path.empty() || !(socket.listening || socket.type == kDatagram)) continue;
      Listener listener;
      listener.path = socket.path;
      listener.inode = socket.inode;
      listener.net_namespace = name;
      listeners_.push_back(std::move(listener));
    }
  }

  void AddRows() {
    std::set<int64_t> inodes;
    for (const Listener& one : listeners_) inodes.insert(one.inode);
    inodes.erase(0);
    const SocketOwners owners = FindSocketOwners(env_, pids_, inodes);
    for (const Listener& one : listeners_) {
      const auto found = owners.find(one.inode);
      const std::vector<SocketOwner> nobody = {{-1, -1}};
      const std::vector<SocketOwner>& holders = found == owners.end() ? nobody : found->second;
      for (const SocketOwner& holder : holders) {
        if (!AddRow(one, holder)) return;
      }
    }
  }

  bool AddRow(const Listener& one, const SocketOwner& holder) {
    return sink_.Add({{"pid", holder.pid},
                      {"port", one.port},
                      {"protocol", one.protocol},
                      {"family", one.family},
                      {"address", one.address},
                      {"fd", holder.fd},
                      {"socket", one.inode},
                      {"path", one.path},
                      {"net_namespace", one.net_namespace},
                      {"uid", one.uid},
                      {"process_name", NameOf(holder.pid)},
                      {"reach", one.reach},
                      {"routable", int64_t{one.routable}}});
  }

  // What the process calls itself, which anybody may choose: to be shown, not to be judged by.
  Value NameOf(int64_t pid) {
    if (pid < 0) return Value();
    const auto [at, added] = names_.try_emplace(pid);
    if (!added) return at->second;
    const auto text = env_.ReadFile("/proc/" + std::to_string(pid) + "/comm", 4 << 10);
    if (text.ok()) at->second = text->substr(0, text->find('\n'));
    return at->second;
  }

  Env& env_;
  RowSink& sink_;
  std::vector<int64_t> pids_;
  std::vector<Listener> listeners_;
  std::map<int64_t, Value> names_;
};

absl::Status GenerateListeningPorts(Env& env, const TableContext&, RowSink& sink) {
  return ListenerScan(env, sink).Run();
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "pid", .type = kInt, .description = "Process that holds it; -1: not known"},
      {.name = "port", .type = kInt, .description = "Port; 0 of a Unix socket"},
      {.name = "protocol", .type = kInt, .description = "6 TCP, 17 UDP, 136 UDP-Lite, 0 Unix"},
      {.name = "family", .type = kInt, .description = "2 IPv4, 10 IPv6, 1 Unix"},
      {.name = "address", .description = "Local address"},
      {.name = "fd", .type = kBig, .description = "File descriptor; -1: not known"},
      {.name = "socket", .type = kBig, .description = "Inode of the socket"},
      {.name = "path", .description = "Of a Unix socket; @ in front: abstract"},
      {.name = "net_namespace", .description = "Inode of the network namespace"},
      {.name = "uid", .type = kBig, .description = "Owner of an Internet socket", .hidden = true},
      {.name = "process_name", .description = "As the process names itself", .hidden = true},
      {.name = "reach",
       .description = "any, loopback, link_local, private, multicast or public",
       .hidden = true},
      {.name = "routable",
       .type = kInt,
       .description = "1: the address can be reached from another machine",
       .hidden = true},
  };
}

}  // namespace

Table listening_ports_table() {
  return {.name = "listening_ports",
          .description = "Sockets that wait for connections or datagrams",
          .columns = Columns(),
          .generate = GenerateListeningPorts,
          .touches = [](Env&, const Declared&) { return ProcessTouches(); }};
}

}  // namespace tom
