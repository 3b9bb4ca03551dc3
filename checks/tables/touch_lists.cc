#include "checks/tables/touch_lists.h"

#include <iterator>
#include <utility>

#include "checks/tables/env_glob.h"
#include "checks/tables/sshd_files.h"

namespace tom {
namespace {

// What libc reads in a program that asks for accounts.
std::vector<Touch> LibraryTouches(const std::string& program) {
  const std::string purpose = "read by " + program;
  std::vector<Touch> touches = ProgramsFiles(
      {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/nsswitch.conf", "/dev/null",
       "/etc/localtime", "/usr/share/zoneinfo/**", "/proc/self/**", "/proc/sys/**",
       "/sys/kernel/mm/**", "/sys/fs/selinux", "/selinux", "/proc/filesystems", "/proc/mounts",
       "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf", "/etc/selinux/config"},
      program);
  touches.push_back({TouchKind::kSocket, "/var/run/nscd/socket", purpose});
  touches.push_back({TouchKind::kSocket, "/run/systemd/userdb/*", purpose});
  return touches;
}

}  // namespace

void Append(std::vector<Touch>& touches, std::vector<Touch> more) {
  touches.insert(touches.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

std::vector<Touch> PathTouches(const std::string& path, const std::string& purpose) {
  std::vector<Touch> touches = FileTouches({"/", path}, purpose);
  const size_t last = path.find_last_not_of('/');
  if (last != std::string::npos && last + 1 < path.size()) {
    touches.push_back({TouchKind::kFile, path.substr(0, last + 1), purpose});
  }
  for (size_t slash = path.find('/', 1); slash != std::string::npos && slash + 1 < path.size();
       slash = path.find('/', slash + 1)) {
    touches.push_back({TouchKind::kFile, path.substr(0, slash), purpose});
  }
  return touches;
}

std::vector<Touch> TreeTouches(const std::string& path, const std::string& purpose) {
  std::vector<Touch> touches = PathTouches(path, purpose);
  const bool slash = !path.empty() && path.back() == '/';
  touches.push_back({TouchKind::kFile, path + (slash ? "**" : "/**"), purpose});
  return touches;
}

std::vector<Touch> GlobTouches(const std::string& pattern, const std::string& purpose) {
  std::string said;  // in the words of a touch; what only narrows is left out
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      said += pattern[++i];
    } else if (pattern[i] == '[' && pattern.find(']', i + 2) != std::string::npos) {
      i = pattern.find(']', i + 2);
      said += '*';
    } else {
      said += pattern[i] == '?' ? '*' : pattern[i];
    }
  }
  return PathTouches(said, purpose);
}

std::string BelowHome(std::string directory, const std::string& name) {
  while (!directory.empty() && directory.back() == '/') directory.pop_back();
  return directory.append("/").append(name);
}

std::vector<Touch> AccountTouches() {
  return FileTouches(
      {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/userdb", "/run/userdb",
       "/run/host/userdb", "/usr/lib/userdb", "/var/lib/systemd/home"},
      "local accounts");
}

std::vector<Touch> ProcessTouches() {
  std::vector<Touch> touches =
      FileTouches({"/proc", "/proc/*/ns/net", "/proc/*/net/*", "/proc/net/*",
                   "/proc/*/net/sctp/eps", "/proc/net/sctp/eps", "/proc/*/fd", "/proc/*/fd/*",
                   "/proc/*/comm", "/proc/*/cmdline", "/proc/*/stat", "/proc/*/exe"},
                  "listeners and their processes");
  touches.push_back({TouchKind::kCapability, "CAP_SYS_PTRACE", "other users' processes in /proc"});
  return touches;
}

std::vector<Touch> SshdTouches(Env& env) {
  std::vector<Touch> touches = AccountTouches();
  Append(touches,
         FileTouches(
             {"/etc/ssh/sshd_config", "/etc/default/ssh", "/etc/sysconfig/sshd",
              "/*/systemd/system/*", "/usr/lib/systemd/system/*", "/*/systemd/system/ssh*.d/*.conf",
              "/usr/lib/systemd/system/ssh*.d/*.conf", "/usr/local/sbin/sshd", "/usr/sbin/dropbear",
              "/usr/sbin/tinysshd", "/usr/sbin/sshd", "/usr/bin/sshd", "/sbin/sshd", "/proc",
              "/proc/*/comm", "/proc/*/cmdline", "/run/sshd"},
             "the SSH server's settings"));
  if (const auto files = LoadSshdFiles(env); files.ok()) {
    for (const auto& include : files->tree.includes) {
      Append(touches, GlobTouches(include.first, "included by the SSH server's settings"));
    }
  }
  if (env.mode() != RootMode::kLive) return touches;
  touches.push_back({TouchKind::kProgram, "/usr/sbin/sshd", "sshd -T: the server's own reading"});
  Append(touches, ProgramsFiles({"/etc/ssh/**", "/etc/gss/mech", "/etc/gss/mech.d",
                                 "/etc/gss/mech.d/**", "/etc/hosts.allow", "/etc/hosts.deny"},
                                "sshd"));
  // getaddrinfo(3) asks the kernel for a route to each address, without sending anything.
  for (const char* any : {"0.0.0.0:*", "[::]:*"}) {
    touches.push_back({TouchKind::kAddress, any, "sshd's own addresses; nothing is sent"});
  }
  Append(touches, LibraryTouches("sshd"));
  return touches;
}

}  // namespace tom
