#include "checks/env/programs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "checks/env/errno_status.h"
#include "checks/env/unique_fd.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

int64_t MonotonicMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

absl::StatusOr<Pipe> OpenPipe() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// What posix_spawn is told, freed with the object.
class SpawnPlan {
 public:
  SpawnPlan(int out, int error, const std::vector<UniqueFd>& opened) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, 1);
    posix_spawn_file_actions_adddup2(&actions_, error, 2);
    int next = 3;
    for (const UniqueFd& fd : opened) posix_spawn_file_actions_adddup2(&actions_, fd.get(), next++);
    posix_spawn_file_actions_addclosefrom_np(&actions_, next);
    posix_spawn_file_actions_addchdir_np(&actions_, "/");
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int Spawn(pid_t* pid, const std::string& path, char* const* argv, char* const* envp) {
    return posix_spawn(pid, path.c_str(), &actions_, &attributes_, argv, envp);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A child and its process group; both are gone when this is.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() { Wait(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Kills what is left of the group and returns the exit status of the leader.
  int Wait() {
    if (pid_ <= 0) return status_;
    kill(-pid_, SIGKILL);
    return Reap(0);
  }

  // Waits until the leader has ended by itself, or kills it at the deadline.
  bool WaitUntil(int64_t deadline) {
    while (pid_ > 0 && MonotonicMs() < deadline) {
      siginfo_t info{};
      if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid == pid_) {
        Wait();
        return true;
      }
      poll(nullptr, 0, 1);
    }
    return pid_ <= 0;
  }

  int status() const { return status_; }

 private:
  int Reap(int flags) {
    int status = 0;
    while (waitpid(pid_, &status, flags) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
  }

  pid_t pid_;
  int status_ = 0;
};

// Appends what is there; false at the end of the stream.
bool Drain(int fd, std::string& to) {
  std::array<char, 16384> chunk;
  const ssize_t got = read(fd, chunk.data(), chunk.size());
  if (got > 0) to.append(chunk.data(), static_cast<size_t>(got));
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

// `text` from `from` on, and what straddles it.
bool HasSince(const std::string& text, size_t from, const std::string& wanted) {
  if (wanted.empty()) return false;
  return text.find(wanted, from - std::min(from, wanted.size())) != std::string::npos;
}

absl::Status Collect(const ProgramRequest& request, UniqueFd out, UniqueFd error, int64_t deadline,
                     ProgramResult& result) {
  while (out || error) {
    std::array<pollfd, 2> fds = {{{out.get(), POLLIN, 0}, {error.get(), POLLIN, 0}}};
    const int64_t left = deadline - MonotonicMs();
    if (left <= 0) {
      return absl::DeadlineExceededError(
          ToAbsl(request.path + ": killed after " + std::to_string(request.deadline_ms) + " ms"));
    }
    if (poll(fds.data(), fds.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      return ErrnoStatus(errno, "poll");
    }
    if (out && fds[0].revents != 0 && !Drain(out.get(), result.output)) out.Reset();
    const size_t before = result.error.size();
    if (error && fds[1].revents != 0 && !Drain(error.get(), result.error)) error.Reset();
    if (HasSince(result.error, before, request.enough)) return absl::OkStatus();
    if (std::max(result.output.size(), result.error.size()) > request.max_output_bytes) {
      return absl::ResourceExhaustedError(ToAbsl(request.path + ": wrote too much"));
    }
  }
  return absl::OkStatus();
}

// Out of the way of the numbers that the program is to see them under.
absl::StatusOr<std::vector<UniqueFd>> MovedUp(const std::vector<UniqueFd>& fds) {
  static constexpr int kAbove = 64;
  std::vector<UniqueFd> moved;
  moved.reserve(fds.size());
  for (const UniqueFd& fd : fds) {
    moved.emplace_back(fcntl(fd.get(), F_DUPFD_CLOEXEC, kAbove));
    if (!moved.back()) return ErrnoStatus(errno, "dup");
  }
  return moved;
}

// The hard limit of data is the programs'; the soft one is this process's own, and holds again when
// this goes.
class DataLimitLifted {
 public:
  DataLimitLifted() {
    known_ = getrlimit(RLIMIT_DATA, &before_) == 0;
    const rlimit lifted{before_.rlim_max, before_.rlim_max};
    if (known_) setrlimit(RLIMIT_DATA, &lifted);
  }
  ~DataLimitLifted() {
    if (known_) setrlimit(RLIMIT_DATA, &before_);
  }
  DataLimitLifted(const DataLimitLifted&) = delete;
  DataLimitLifted& operator=(const DataLimitLifted&) = delete;

 private:
  rlimit before_{};
  bool known_ = false;
};

absl::Status RootOwned(const std::string& path, bool directory) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, path);
  const bool kind = directory ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode);
  if (!kind || info.st_uid != 0 || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(
        ToAbsl(path + ": not run, for it does not belong to root alone"));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& AllowedPrograms() {
  static const std::vector<std::string> programs = {
      "/usr/sbin/sshd",
      "/usr/bin/restic",
      "/usr/bin/borg",
      "/usr/sbin/zfs",
      "/usr/sbin/zpool",
      "/usr/sbin/nft",
      "/usr/sbin/dmsetup",
      "/usr/sbin/iptables-nft-save",
      "/usr/sbin/ip6tables-nft-save",
      "/usr/sbin/iptables-legacy-save",
      "/usr/sbin/ip6tables-legacy-save",
  };
  return programs;
}

std::string CommandLine(const ProgramRequest& request) {
  std::string line = request.path;
  for (const std::string& argument : request.arguments) line.append(" ").append(argument);
  return line;
}

PreparedPrograms PreparePrograms(const std::vector<ProgramRequest>& requests) {
  PreparedPrograms prepared;
  for (const ProgramRequest& request : requests) {
    const absl::Status allowed = CheckProgram(request.path);
    prepared.emplace(CommandLine(request),
                     allowed.ok() ? RunChecked(request) : absl::StatusOr<ProgramResult>(allowed));
  }
  return prepared;
}

bool ReadsRepositories(const std::string& path) { return path == "/usr/bin/restic"; }

absl::Status CheckProgram(const std::string& path) {
  const std::vector<std::string>& allowed = AllowedPrograms();
  if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) {
    return absl::PermissionDeniedError(ToAbsl(path + ": not among the programs that may be run"));
  }
  for (size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
    TOM_RETURN_IF_ERROR(RootOwned(slash == 0 ? "/" : path.substr(0, slash), true));
  }
  return RootOwned(path, false);
}

absl::StatusOr<ProgramResult> RunChecked(const ProgramRequest& request,
                                         const std::vector<UniqueFd>& opened) {
  std::vector<std::string> arguments = request.arguments;
  arguments.insert(arguments.begin(), request.path);
  std::vector<std::string> environment = request.environment;
  environment.insert(environment.end(), {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                         "HOME=/nonexistent", "TZ=UTC"});
  TOM_ASSIGN_OR_RETURN(Pipe out, OpenPipe());
  TOM_ASSIGN_OR_RETURN(Pipe error, OpenPipe());
  TOM_ASSIGN_OR_RETURN(const std::vector<UniqueFd> given, MovedUp(opened));
  pid_t pid = -1;
  SpawnPlan plan(out.write.get(), error.write.get(), given);
  const int failed = [&] {
    const DataLimitLifted lifted;
    return plan.Spawn(&pid, request.path, Pointers(arguments).data(), Pointers(environment).data());
  }();
  if (failed != 0) return ErrnoStatus(failed, request.path);
  Child child(pid);
  out.write.Reset();
  error.write.Reset();
  const int64_t deadline = MonotonicMs() + request.deadline_ms;
  ProgramResult result;
  TOM_RETURN_IF_ERROR(
      Collect(request, std::move(out.read), std::move(error.read), deadline, result));
  if (HasSince(result.error, 0, request.enough)) {
    result.exit_status = child.Wait();
    return result;
  }
  if (!child.WaitUntil(deadline)) {
    return absl::DeadlineExceededError(
        ToAbsl(request.path + ": killed after " + std::to_string(request.deadline_ms) + " ms"));
  }
  result.exit_status = child.status();
  return result;
}

}  // namespace tom
