// Which processes hold which sockets, and in which network namespaces processes live: /proc.
#ifndef TOM_CHECKS_TABLES_SOCKET_OWNERS_H_
#define TOM_CHECKS_TABLES_SOCKET_OWNERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"

namespace tom {

struct SocketOwner {
  int64_t pid = 0;
  int64_t fd = 0;
};

// By inode. Processes whose descriptors may not be read, or that are gone, are left out; so is what
// stands behind the first 500,000 descriptors. At most 1,000 owners a socket.
using SocketOwners = std::map<int64_t, std::vector<SocketOwner>>;

// All ids of processes in /proc, sorted.
absl::StatusOr<std::vector<int64_t>> ListProcesses(Env& env);

SocketOwners FindSocketOwners(Env& env, const std::vector<int64_t>& pids,
                              const std::set<int64_t>& inodes);

struct NetNamespaces {
  // Name -> up to 8 pids. The name is the namespace's inode number; "?" and a number where /proc
  // may not tell it.
  std::map<std::string, std::vector<int64_t>> members;
  size_t denied = 0;  // processes whose namespace may be one that is not among them
};

// Who may not read /proc/PID/ns/net still sees whether /proc/PID/net is another one: the kernel
// gives the files there inode numbers of their own in each namespace.
NetNamespaces FindNetNamespaces(Env& env, const std::vector<int64_t>& pids);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SOCKET_OWNERS_H_
