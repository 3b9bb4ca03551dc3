#include "agent/drill/worker.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/drill/worker_limits.h"
#include "checks/env/errno_status.h"
#include "checks/parse/backup_listing.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxError = 8 << 10;
constexpr int kNotStarted = 125;

struct Pipe {
  OwnedFd read;
  OwnedFd write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  return Pipe{OwnedFd(ends[0]), OwnedFd(ends[1])};
}

// ---- the child's side -----------------------------------------------------------------------

absl::Status EnterCage(const Cage& cage) {
  if (chdir(cage.root().c_str()) != 0) return ErrnoStatus(errno, cage.root());
  // The old root comes to lie over the new one, and is taken away from there.
  if (syscall(SYS_pivot_root, ".", ".") != 0) return ErrnoStatus(errno, "pivot_root");
  if (umount2(".", MNT_DETACH) != 0) return ErrnoStatus(errno, "old root");
  if (chdir("/") != 0) return ErrnoStatus(errno, "/");
  return absl::OkStatus();
}

// Moves `fds` out of the way, to 0, 1, 2, …, and closes all others but `kept`, which becomes the
// one after them.
absl::StatusOr<int> TakeDescriptors(const std::vector<int>& fds, int kept) {
  static constexpr int kAbove = 64;
  std::vector<int> moved;
  moved.reserve(fds.size());
  for (const int fd : fds) {
    moved.push_back(fcntl(fd, F_DUPFD, kAbove));
    if (moved.back() < 0) return ErrnoStatus(errno, "descriptors");
  }
  kept = fcntl(kept, F_DUPFD, kAbove);
  int next = 0;
  for (const int fd : moved) {
    if (dup2(fd, next++) < 0) return ErrnoStatus(errno, "descriptors");
  }
  if (dup3(kept, next, O_CLOEXEC) < 0) return ErrnoStatus(errno, "descriptors");
  if (close_range(static_cast<unsigned int>(next) + 1, ~0U, 0) != 0) {
    return ErrnoStatus(errno, "descriptors");
  }
  return next;
}

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int Execute(const WorkerRequest& request) {
  if (request.command.empty()) return request.inside();
  std::vector<std::string> environment = request.environment;
  environment.insert(environment.end(),
                     {"PATH=/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8", "HOME=/scratch/home",
                      "TMPDIR=/scratch/tmp", "TZ=UTC", "USER=drill", "LOGNAME=drill"});
  std::vector<std::string> arguments = request.command;
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  execve(arguments[0].c_str(), pointers(arguments).data(), pointers(environment).data());
  static_cast<void>(!write(2, "cannot be executed\n", 19));
  return kNotStarted;
}

struct ChildEnds {
  int out;
  int error;
  int go;
};

[[noreturn]] void RunChildSide(const Cage& cage, const WorkerRequest& request, ChildEnds ends) {
  const auto give_up = [](const absl::Status& status) {
    const std::string text = absl::StrCat(status.message(), "\n");
    static_cast<void>(!write(2, text.data(), text.size()));
    _exit(kNotStarted);
  };
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  ResetSignals();
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<int> fds = {nothing, ends.out, ends.error};
  fds.insert(fds.end(), request.opened.begin(), request.opened.end());
  const absl::StatusOr<int> go = TakeDescriptors(fds, ends.go);
  if (!go.ok()) give_up(go.status());
  if (const absl::Status entered = EnterCage(cage); !entered.ok()) give_up(entered);
  const absl::Status limited =
      LimitWorker({.uid = cage.uid(),
                   .gid = cage.gid(),
                   .reads_all = request.reads_all,
                   .file_bytes = cage.scratch_bytes(),
                   .cpu_seconds = std::max<int64_t>(request.deadline_ms / 1000, 1)});
  if (!limited.ok()) give_up(limited);
  // Becoming another user has taken the wish back. Whoever started us may be gone by now: then
  // nobody says go.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char said = 0;
  if (read(*go, &said, 1) != 1) _exit(kNotStarted);
  close(*go);
  if (chdir("/scratch/out") != 0) give_up(ErrnoStatus(errno, "/scratch/out"));
  _exit(Execute(request));
}

// ---- the parent's side ----------------------------------------------------------------------

class Listener {
 public:
  Listener(const WorkerRequest& request, WorkerResult& result)
      : request_(request), result_(result) {}

  absl::Status Take(std::string_view bytes) {
    seen_ += bytes.size();
    if (seen_ > request_.max_output_bytes) return absl::ResourceExhaustedError("it wrote too much");
    std::string& held = result_.output;
    held.append(bytes);
    if (!request_.on_line) return absl::OkStatus();
    size_t begin = 0;
    for (size_t end = held.find('\n'); end != std::string::npos; end = held.find('\n', begin)) {
      TOM_RETURN_IF_ERROR(request_.on_line(std::string_view(held).substr(begin, end - begin)));
      begin = end + 1;
    }
    held.erase(0, begin);
    if (held.size() > kMaxListingLine) return absl::ResourceExhaustedError("a line without end");
    return absl::OkStatus();
  }

  // A last line without its end.
  absl::Status Finish() {
    if (!request_.on_line || result_.output.empty()) return absl::OkStatus();
    return request_.on_line(std::exchange(result_.output, ""));
  }

  void TakeError(std::string_view bytes) {
    result_.error.append(bytes.substr(0, kMaxError - std::min(kMaxError, result_.error.size())));
  }

 private:
  const WorkerRequest& request_;
  WorkerResult& result_;
  size_t seen_ = 0;
};

int64_t Left(Clock::time_point until) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
}

absl::Status Listen(const Pipe& out, const Pipe& error, Clock::time_point until,
                    Listener& listener) {
  std::array<pollfd, 2> fds = {{{out.read.get(), POLLIN, 0}, {error.read.get(), POLLIN, 0}}};
  std::array<char, 64 << 10> chunk;
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const int64_t left = Left(until);
    if (left <= 0) return absl::DeadlineExceededError("it was ended: no time is left");
    if (poll(fds.data(), fds.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      return ErrnoStatus(errno, "poll");
    }
    for (pollfd& one : fds) {
      if (one.fd < 0 || one.revents == 0) continue;
      const ssize_t got = read(one.fd, chunk.data(), chunk.size());
      if (got < 0 && errno == EINTR) continue;
      const std::string_view bytes(chunk.data(), got > 0 ? static_cast<size_t>(got) : 0);
      if (one.fd == error.read.get()) {
        listener.TakeError(bytes);
      } else {
        TOM_RETURN_IF_ERROR(listener.Take(bytes));
      }
      if (got <= 0) one.fd = -1;
    }
  }
  return absl::OkStatus();
}

// The worker's exit status; with it everything that it started is gone, for it was their init.
int End(pid_t child, Clock::time_point until, bool kill_now) {
  int status = 0;
  while (true) {
    if (kill_now || Left(until) <= 0) kill(child, SIGKILL);
    const pid_t ended = waitpid(child, &status, kill_now ? 0 : WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) break;
    if (ended == 0) poll(nullptr, 0, 2);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

absl::StatusOr<WorkerResult> RunWorker(const Cage& cage, const WorkerRequest& request) {
  TOM_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  TOM_ASSIGN_OR_RETURN(Pipe error, MakePipe());
  TOM_ASSIGN_OR_RETURN(Pipe go, MakePipe());
  const Clock::time_point until = Clock::now() + std::chrono::milliseconds(request.deadline_ms);
  const auto child = static_cast<pid_t>(
      syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (child < 0) return ErrnoStatus(errno, "a worker");
  if (child == 0) {
    go.write.Close();
    RunChildSide(cage, request, {out.write.get(), error.write.get(), go.read.get()});
  }
  out.write.Close();
  error.write.Close();
  go.read.Close();
  WorkerResult result;
  Listener listener(request, result);
  const bool told = write(go.write.get(), "g", 1) == 1;
  const absl::Status heard = told ? Listen(out, error, until, listener) : absl::OkStatus();
  result.exit_status = End(child, until, !heard.ok());
  TOM_RETURN_IF_ERROR(heard);
  TOM_RETURN_IF_ERROR(listener.Finish());
  if (result.exit_status == kNotStarted) {
    return absl::InternalError(absl::StrCat("no worker: ", ToAbsl(result.error)));
  }
  if (result.exit_status == 128 + SIGKILL && Left(until) <= 0) {
    return absl::DeadlineExceededError("it was ended: no time is left");
  }
  return result;
}

}  // namespace tom
