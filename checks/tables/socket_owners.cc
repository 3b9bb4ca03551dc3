#include "checks/tables/socket_owners.h"

#include <algorithm>
#include <charconv>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxDescriptors = 500000;
constexpr size_t kMaxOwners = 1000;
constexpr size_t kMaxMembers = 8;

bool ReadNumber(std::string_view text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && number >= 0;
}

// The number in "socket:[4711]" or "net:[4026531840]"; "" where the link is of another kind.
std::string_view NumberOf(std::string_view link, std::string_view kind) {
  if (link.size() < kind.size() + 3 || link.substr(0, kind.size()) != kind) return {};
  link.remove_prefix(kind.size());
  if (link.substr(0, 2) != ":[" || link.back() != ']') return {};
  return link.substr(2, link.size() - 3);
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ListProcesses(Env& env) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory("/proc"));
  std::vector<int64_t> pids;
  for (const std::string& name : names) {
    int64_t pid = 0;
    if (ReadNumber(name, pid) && pid > 0) pids.push_back(pid);
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

SocketOwners FindSocketOwners(Env& env, const std::vector<int64_t>& pids,
                              const std::set<int64_t>& inodes) {
  SocketOwners owners;
  if (inodes.empty()) return owners;
  size_t looked = 0;
  for (const int64_t pid : pids) {
    const std::string directory = "/proc/" + std::to_string(pid) + "/fd";
    const auto names = env.ListDirectory(directory);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      if (++looked > kMaxDescriptors) return owners;
      const auto link = env.ReadLink(directory + "/" + name);
      int64_t inode = 0;
      int64_t fd = 0;
      if (!link.ok() || !ReadNumber(NumberOf(*link, "socket"), inode)) continue;
      if (inodes.count(inode) == 0 || !ReadNumber(name, fd)) continue;
      std::vector<SocketOwner>& list = owners[inode];
      if (list.size() < kMaxOwners) list.push_back({pid, fd});
    }
  }
  return owners;
}

NetNamespaces FindNetNamespaces(Env& env, const std::vector<int64_t>& pids) {
  NetNamespaces found;
  std::set<uint64_t> known;                         // files of the namespaces that have a name
  std::map<uint64_t, std::vector<int64_t>> others;  // file -> pids of those that may have none
  for (const int64_t pid : pids) {
    const std::string directory = "/proc/" + std::to_string(pid);
    const auto link = env.ReadLink(directory + "/ns/net");
    const std::string name(link.ok() ? NumberOf(*link, "net") : "");
    if (!name.empty()) {
      std::vector<int64_t>& members = found.members[name];
      if (members.size() < kMaxMembers) members.push_back(pid);
      if (members.size() > 1 && members.size() < kMaxMembers) continue;
    }
    const auto file = env.Stat(directory + "/net/tcp");
    if (!file.ok()) {
      // A process that has ended has no namespace, and no socket.
      if (name.empty() && !absl::IsNotFound(file.status())) ++found.denied;
    } else if (!name.empty()) {
      known.insert(file->inode);
    } else if (std::vector<int64_t>& members = others[file->inode]; members.size() < kMaxMembers) {
      members.push_back(pid);
    }
  }
  for (auto& [inode, members] : others) {
    if (known.count(inode) == 0) found.members["?" + std::to_string(inode)] = std::move(members);
  }
  return found;
}

}  // namespace tom
