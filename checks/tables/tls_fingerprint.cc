#include "checks/tables/tls_fingerprint.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "checks/tables/socket_owners.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTreeEntries = 2000;
constexpr int kMaxDepth = 6;
constexpr size_t kMaxCommandLine = 16 << 10;

// Programs whose configuration does not lie under their own name.
struct Elsewhere {
  std::string_view program;
  const char* path;
};
constexpr Elsewhere kElsewhere[] = {
    {"master", "/etc/postfix"},      {"slapd", "/etc/ldap"},       {"slapd", "/etc/openldap"},
    {"postgres", "/etc/postgresql"}, {"mariadbd", "/etc/mysql"},   {"mariadbd", "/etc/my.cnf"},
    {"mariadbd", "/etc/my.cnf.d"},   {"mysqld", "/etc/mysql"},     {"mysqld", "/etc/my.cnf"},
    {"mysqld", "/etc/my.cnf.d"},     {"stunnel4", "/etc/stunnel"}, {"sshd", "/etc/ssh"},
};

std::string Hashed(const std::string& text) { return Sha256(text).Hex(); }

std::string StatLine(const std::string& path, const FileInfo& info) {
  return absl::StrCat(ToAbsl(path), " ", info.inode, " ", info.size, " ", info.modified, " ",
                      info.changed, "\n");
}

std::string BaseName(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (const size_t deleted = name.find(" (deleted)"); deleted != std::string::npos) {
    name.resize(deleted);
  }
  return name;
}

// Field 22 of /proc/PID/stat, behind the name in brackets: when it started.
std::string StartOf(Env& env, int64_t pid) {
  const auto stat = env.ReadFile(absl::StrCat("/proc/", pid, "/stat"), 4096);
  if (!stat.ok()) return "?";
  size_t at = stat->rfind(')');
  for (int field = 2; at != std::string::npos && field < 22; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return "?";
  return stat->substr(at + 1, stat->find(' ', at + 1) - at - 1);
}

}  // namespace

std::vector<std::string> ConfigurationOf(const std::string& program) {
  std::vector<std::string> paths;
  for (const Elsewhere& one : kElsewhere) {
    if (one.program == program) paths.emplace_back(one.path);
  }
  if (!paths.empty() || program.empty()) return paths;
  paths.push_back("/etc/" + program);
  paths.push_back("/etc/" + program + ".conf");
  paths.push_back("/etc/" + program + ".d");
  return paths;
}

std::vector<std::string> CertificateFolders() {
  return {"/etc/ssl", "/etc/letsencrypt", "/etc/pki/tls"};
}

TlsFingerprints::TlsFingerprints(Env& env, const std::vector<TlsTarget>& targets) : env_(env) {
  std::set<int64_t> inodes;
  for (const TlsTarget& target : targets) {
    if (target.listener != 0) inodes.insert(target.listener);
  }
  if (inodes.empty() || env.mode() != RootMode::kLive) return;
  const auto pids = ListProcesses(env);
  if (!pids.ok()) return;
  for (const auto& [inode, owners] : FindSocketOwners(env, *pids, inodes)) {
    auto& list = owners_[inode];
    for (const SocketOwner& owner : owners) list.push_back(owner.pid);
    std::sort(list.begin(), list.end());
  }
}

absl::StatusOr<FileInfo> TlsFingerprints::Look(const std::string& path) {
  looked_at_.insert(path);
  return env_.Stat(path);
}

// Names, sizes and times of everything below `path`; links are followed, as servers do.
void TlsFingerprints::Walk(const std::string& path, int depth, size_t& left, std::string& out) {
  if (left == 0) return;
  --left;
  const auto info = Look(path);
  if (!info.ok()) {
    if (!absl::IsNotFound(info.status())) absl::StrAppend(&out, ToAbsl(path), " ?\n");
    return;
  }
  out += StatLine(path, *info);
  if (info->kind != FileKind::kDirectory || depth == 0) return;
  const auto names = env_.ListDirectory(path);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    Walk(absl::StrCat(ToAbsl(path), "/", ToAbsl(name)), depth - 1, left, out);
  }
}

// The files that a command line names, and of a folder those that look like configuration.
void TlsFingerprints::AppendNamed(const std::string& command_line, std::string& out) {
  size_t at = 0;
  for (int words = 0; at < command_line.size() && words < 50; ++words) {
    const size_t end = std::min(command_line.find('\0', at), command_line.size());
    const std::string word = command_line.substr(at, end - at);
    at = end + 1;
    const size_t slash = word.find('/');
    if (slash == std::string::npos || slash > 40) continue;
    const std::string path = word.substr(slash);
    const auto info = Look(path);
    if (!info.ok()) continue;
    if (info->kind == FileKind::kRegular) out += StatLine(path, *info);
    if (info->kind != FileKind::kDirectory) continue;
    const auto names = env_.ListDirectory(path);
    if (!names.ok() || names->size() > kMaxTreeEntries) continue;
    for (const std::string& name : *names) {
      const std::string extension = name.substr(std::min(name.rfind('.'), name.size()));
      static constexpr const char* kKinds[] = {".conf", ".cnf", ".cfg", ".cf",
                                               ".pem",  ".crt", ".key", ".lua"};
      if (std::find(std::begin(kKinds), std::end(kKinds), extension) == std::end(kKinds)) continue;
      const std::string file = absl::StrCat(ToAbsl(path), "/", ToAbsl(name));
      if (const auto one = Look(file); one.ok()) out += StatLine(file, *one);
    }
  }
}

// The oldest holder stays when the others come and go with each connection.
int64_t TlsFingerprints::OldestOf(const std::vector<int64_t>& pids) {
  int64_t oldest = 0;
  int64_t its_start = 0;
  for (const int64_t pid : pids) {
    int64_t start = 0;
    if (!absl::SimpleAtoi(ToAbsl(StartOf(env_, pid)), &start)) continue;  // it has gone
    if (oldest != 0 && start >= its_start) continue;
    oldest = pid;
    its_start = start;
  }
  return oldest;
}

std::string TlsFingerprints::Process(int64_t pid) {
  const auto [at, added] = processes_.try_emplace(pid);
  if (!added) return at->second;
  const std::string folder = absl::StrCat("/proc/", pid, "/");
  std::string text = absl::StrCat(pid, " ", ToAbsl(StartOf(env_, pid)), "\n");
  const auto program = env_.ReadLink(folder + "exe");
  if (program.ok()) {
    text.append(*program).append("\n");
    if (const auto info = Look(*program); info.ok()) text += StatLine(*program, *info);
    for (const std::string& path : ConfigurationOf(BaseName(*program))) text += Tree(path);
  }
  const auto command = env_.ReadFile(folder + "cmdline", kMaxCommandLine);
  if (command.ok()) {
    text.append(*command);
    AppendNamed(*command, text);
  }
  at->second = Hashed(text);
  return at->second;
}

std::string TlsFingerprints::Tree(const std::string& path) {
  const auto [at, added] = trees_.try_emplace(path);
  if (!added) return at->second;
  std::string text;
  size_t left = kMaxTreeEntries;
  Walk(path, kMaxDepth, left, text);
  at->second = Hashed(text);
  return at->second;
}

std::string TlsFingerprints::Of(const TlsTarget& target) {
  std::string text = absl::StrCat(ToAbsl(target.target.address), "\n", target.target.port, "\n",
                                  ToAbsl(target.sni), "\n", ToAbsl(target.server_name), "\n",
                                  ToAbsl(target.starttls), "\n", target.declared ? 1 : 0, "\n",
                                  ToAbsl(target.reach), "\n", target.listener, "\n");
  if (target.listener == 0) return Hashed(text);
  if (const auto owners = owners_.find(target.listener); owners != owners_.end()) {
    text += Process(OldestOf(owners->second));
  }
  for (const std::string& folder : CertificateFolders()) text += Tree(folder);
  return Hashed(text);
}

}  // namespace tom
