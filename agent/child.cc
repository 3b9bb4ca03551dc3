#include "agent/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "agent/state_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxOutput = 1 << 20;
constexpr char kSelf[] = "/proc/self/exe";

// `in` and `out` are -1 where /dev/null and our own standard output serve.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, int in, int out) {
  std::vector<char*> argv;
  std::string name = "tom-agent";
  argv.push_back(name.data());
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0) {
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  pid_t child = -1;
  const int error = posix_spawn(&child, kSelf, &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return absl::InternalError(std::string("cannot start a child: ") + std::strerror(error));
  return child;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

absl::StatusOr<OwnedFd> InputFile(std::string_view input) {
  OwnedFd file(memfd_create("tom-agent-cycle", MFD_CLOEXEC));
  if (!file.ok()) return FileError("memfd", "cannot make");
  TOM_RETURN_IF_ERROR(WriteAll(file.get(), input, "memfd"));
  if (lseek(file.get(), 0, SEEK_SET) != 0) return FileError("memfd", "cannot rewind");
  return file;
}

// Reads until the other side closes. False when the deadline passes first or it says too much.
bool ReadOutput(int fd, std::chrono::steady_clock::time_point until, std::string& output) {
  char buffer[16 << 10];
  while (output.size() <= kMaxOutput) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0) return false;
    const int ready = poll(&wait, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got == 0) return true;
    if (got > 0) output.append(buffer, static_cast<size_t>(got));
    if (got < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace

absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& arguments,
                                     std::string_view input, int deadline_seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(deadline_seconds);
  TOM_ASSIGN_OR_RETURN(const OwnedFd in, InputFile(input));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FileError("pipe", "cannot make");
  const OwnedFd reader(ends[0]);
  OwnedFd writer(ends[1]);
  TOM_ASSIGN_OR_RETURN(const pid_t child, Spawn(arguments, in.get(), writer.get()));
  writer.Close();
  ChildResult result;
  const bool ended = ReadOutput(reader.get(), until, result.output);
  if (!ended) kill(-child, SIGKILL);
  result.exit_code = WaitFor(child);
  if (ended) return result;
  return absl::DeadlineExceededError("tom-agent " + arguments.front() +
                                     " was ended: no answer in " +
                                     std::to_string(deadline_seconds) + " s");
}

absl::StatusOr<pid_t> StartChild(const std::vector<std::string>& arguments) {
  return Spawn(arguments, -1, -1);
}

}  // namespace tom
