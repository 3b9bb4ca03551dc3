#include "checks/tables/tls_targets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "checks/parse/address_reach.h"
#include "checks/parse/proc_net.h"

namespace tom {
namespace {

constexpr int kListening = 10;
constexpr size_t kMaxListeners = 500;
constexpr int64_t kResolveMs = 5000;

using AddressPort = std::pair<std::string, int64_t>;

bool IsDnsName(const std::string& host) {
  return host.find_first_not_of("0123456789.") != std::string::npos &&
         host.find(':') == std::string::npos;
}

std::string DeclaredReach(const std::string& address) {
  return IsLoopback(address) ? "loopback" : "declared";
}

void AddDeclared(const DeclaredEndpoint& endpoint, const HostAddresses& addresses,
                 TlsTargets& found) {
  TlsTarget target;
  target.host = endpoint.host;
  target.target = {.host = endpoint.host, .address = "", .port = endpoint.port};
  target.server_name = endpoint.server_name;
  if (target.server_name.empty() && IsDnsName(endpoint.host)) target.server_name = endpoint.host;
  if (IsDnsName(target.server_name)) {
    target.sni = target.server_name;
    if (target.sni.back() == '.') target.sni.pop_back();  // RFC 6066 section 3
  }
  target.starttls = endpoint.starttls;
  target.ca_file = endpoint.ca_file;
  target.declared = true;
  target.reach = "declared";
  const auto resolved = addresses.find(endpoint.host);
  if (resolved == addresses.end() || !resolved->second.ok()) {
    target.problem = resolved == addresses.end() ? "the name was not resolved"
                                                 : std::string(resolved->second.status().message());
    found.targets.push_back(target);
    return;
  }
  for (const std::string& address : *resolved->second) {
    target.target.address = address;
    target.reach = DeclaredReach(address);
    found.targets.push_back(target);
  }
}

// Where the listener can be asked: itself, or loopback for one on all addresses.
std::string AddressToAsk(const std::string& local, AddressReach reach) {
  if (reach != AddressReach::kAny) {
    const std::string text = AddressText(local);
    constexpr std::string_view kMapped = "::ffff:";  // IPv4 through a socket of IPv6
    const bool mapped = text.starts_with(kMapped) && text.find('.') != std::string::npos;
    return mapped ? text.substr(kMapped.size()) : text;
  }
  return local.size() == 4 ? "127.0.0.1" : "::1";
}

class Listeners {
 public:
  Listeners(Env& env, TlsTargets& found) : env_(env), found_(found) {
    for (const TlsTarget& target : found.targets) {
      seen_.insert({target.target.address, target.target.port});
    }
  }

  void Read(const std::string& path) {
    const auto text = env_.ReadFile(path);
    if (!text.ok()) {
      // A kernel without IPv6 has no tcp6.
      const bool absent = absl::IsNotFound(text.status()) && path.back() == '6';
      if (!absent) found_.incomplete.emplace_back(text.status().message());
      return;
    }
    const InetSockets parsed = ParseInetSockets(*text);
    for (const std::string& problem : parsed.problems) {
      found_.incomplete.push_back(std::string(path).append(" ").append(problem));
    }
    for (const InetSocket& socket : parsed.sockets) {
      if (socket.state == kListening) Add(socket);
    }
  }

 private:
  void Add(const InetSocket& socket) {
    const AddressReach reach = ReachOf(socket.local);
    TlsTarget target;
    target.host = AddressToAsk(socket.local, reach);
    target.listener = socket.inode;
    for (TlsTarget& known : found_.targets) {
      const bool there = reach == AddressReach::kAny || known.target.address == target.host;
      if (known.declared && there && known.target.port == socket.local_port) {
        known.listener = socket.inode;
      }
    }
    target.target = {.host = "", .address = target.host, .port = socket.local_port};
    target.reach = std::string(AddressReachName(reach));
    if (!seen_.insert({target.host, socket.local_port}).second) return;
    if (++count_ > kMaxListeners) {
      if (count_ == kMaxListeners + 1) {
        found_.incomplete.emplace_back("more than 500 listeners; the rest was not asked");
      }
      return;
    }
    found_.targets.push_back(std::move(target));
  }

  Env& env_;
  TlsTargets& found_;
  std::set<AddressPort> seen_;
  size_t count_ = 0;
};

// With --host-root, process 1 of the mounted /proc is the host's, and what it listens on can be
// asked from here only inside the same network namespace.
std::string ProcNet(Env& env, TlsTargets& found) {
  if (env.mode() != RootMode::kHostRoot) return "/proc/net/";
  const auto host = env.ReadLink("/proc/1/ns/net");
  const auto own = env.ReadLink("/proc/self/ns/net");
  if (host.ok() && own.ok() && *host == *own) return "/proc/1/net/";
  found.incomplete.emplace_back(
      "the host's listeners cannot be reached: its network is not known to be this process's");
  return "";
}

}  // namespace

TlsTargets FindTlsTargets(Env& env, const Declared& declared) {
  TlsTargets found;
  std::vector<std::string> names;
  for (const DeclaredEndpoint& endpoint : declared.endpoints) names.push_back(endpoint.host);
  const HostAddresses addresses = env.ResolveHosts(names, kResolveMs);
  for (const DeclaredEndpoint& endpoint : declared.endpoints) {
    AddDeclared(endpoint, addresses, found);
  }
  if (const std::string folder = ProcNet(env, found); !folder.empty()) {
    Listeners listeners(env, found);
    listeners.Read(folder + "tcp");
    listeners.Read(folder + "tcp6");
  }
  return found;
}

TcpPolicy PolicyOf(const Declared& declared) {
  TcpPolicy policy;
  for (const DeclaredEndpoint& endpoint : declared.endpoints) {
    policy.declared.push_back({.host = endpoint.host, .address = "", .port = endpoint.port});
  }
  policy.exclude = declared.probe_exclude;
  policy.max_per_second = declared.probe_max_per_second;
  return policy;
}

}  // namespace tom
