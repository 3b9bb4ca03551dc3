#include "agent/evaluate.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/evaluate_format.h"
#include "checks/env/errno_status.h"
#include "checks/env/unique_fd.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kStartMs =
    10000;  // from exec to the first start line, and between an outcome and the next start

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

// In the forked child, until exec: async-signal-safe calls only.
int ExecEvaluator(int request_fd, int reply_fd) {
  dup2(request_fd, 0);
  dup2(reply_fd, 1);
  closefrom(3);
  char program[] = "/proc/self/exe";
  char name[] = "tom-agent";
  char verb[] = "evaluate";
  char* argv[] = {name, verb, nullptr};
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char locale[] = "LC_ALL=C";
  char* envp[] = {path, locale, nullptr};
  execve(program, argv, envp);
  return 127;
}

absl::StatusOr<UniqueFd> RequestFd(const std::string& bytes) {
  UniqueFd fd(memfd_create("request", MFD_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, "memfd_create");
  size_t put = 0;
  while (put < bytes.size()) {
    const ssize_t now = write(fd.get(), bytes.data() + put, bytes.size() - put);
    if (now < 0 && errno != EINTR) return ErrnoStatus(errno, "the evaluator's request");
    if (now > 0) put += static_cast<size_t>(now);
  }
  if (lseek(fd.get(), 0, SEEK_SET) != 0) return ErrnoStatus(errno, "the evaluator's request");
  return fd;
}

// A running evaluator; killed with its group when this goes.
class Evaluator {
 public:
  static absl::StatusOr<Evaluator> Start(const std::string& request, const ChildMain& child) {
    TOM_ASSIGN_OR_RETURN(UniqueFd request_fd, RequestFd(request));
    std::array<int, 2> fds;
    if (pipe2(fds.data(), O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
    UniqueFd read_end(fds[0]);
    const UniqueFd write_end(fds[1]);
    const pid_t pid = fork();
    if (pid < 0) return ErrnoStatus(errno, "fork");
    if (pid == 0) {
      setpgid(0, 0);
      _exit(child ? child(request_fd.get(), write_end.get())
                  : ExecEvaluator(request_fd.get(), write_end.get()));
    }
    setpgid(pid, pid);
    return Evaluator(pid, std::move(read_end));
  }

  Evaluator(Evaluator&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), reply_(std::move(other.reply_)) {}
  Evaluator& operator=(Evaluator&&) = delete;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  ~Evaluator() { Stop(); }

  // Ends it and tells how it ended: "ended by signal 11", "ended with status 1".
  std::string Stop() {
    if (pid_ <= 0) return "";
    siginfo_t info{};
    // What has closed its pipe is about to end by itself: its own way of ending is what the reason
    // should say.
    for (int i = 0; i < 50 && ended_; ++i) {
      if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
          info.si_pid == pid_) {
        break;
      }
      poll(nullptr, 0, 1);
    }
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
  }

  enum class Got { kLine, kEnd, kLate };

  // The next line, without its newline, by `deadline` (NowMs).
  Got Next(int64_t deadline, std::string& line) {
    while (true) {
      const size_t newline = buffer_.find('\n', searched_);
      if (newline != std::string::npos) {
        line = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        searched_ = 0;
        return Got::kLine;
      }
      searched_ = buffer_.size();
      if (buffer_.size() > kMaxReplyLine) return Got::kEnd;
      const int64_t left = deadline - NowMs();
      if (left <= 0) return Got::kLate;
      pollfd waiting{reply_.get(), POLLIN, 0};
      if (poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, 60000))) <= 0) continue;
      if (!Fill()) return Got::kEnd;
    }
  }

 private:
  Evaluator(pid_t pid, UniqueFd reply) : pid_(pid), reply_(std::move(reply)) {}

  bool Fill() {
    std::array<char, 65536> chunk;
    const ssize_t got = read(reply_.get(), chunk.data(), chunk.size());
    if (got < 0) return errno == EINTR;
    buffer_.append(chunk.data(), static_cast<size_t>(got));
    ended_ = got == 0;
    return got > 0;
  }

  pid_t pid_;
  UniqueFd reply_;
  std::string buffer_;
  size_t searched_ = 0;
  bool ended_ = false;
};

// The outcomes so far, and the jobs that still have none.
class Evaluation {
 public:
  Evaluation(EvaluateRequest request, const ChildMain& child)
      : request_(std::move(request)), child_(child), outcomes_(request_.jobs.size()) {}

  // What the children have learned.
  const std::string& memory() const { return request_.memory; }

  absl::StatusOr<std::vector<CheckOutcome>> Run() {
    while (true) {
      const std::vector<size_t> left = Left();
      if (left.empty()) break;
      TOM_ASSIGN_OR_RETURN(Evaluator evaluator,
                           Evaluator::Start(EncodeRequest(request_, left), child_));
      Follow(evaluator, left);
    }
    std::vector<CheckOutcome> all;
    for (auto& outcome : outcomes_) all.push_back(*std::move(outcome));
    return all;
  }

 private:
  std::vector<size_t> Left() const {
    std::vector<size_t> left;
    for (size_t i = 0; i < outcomes_.size(); ++i) {
      if (!outcomes_[i]) left.push_back(i);
    }
    return left;
  }

  // Reads one evaluator to its end. Afterwards at least one more job has its outcome.
  void Follow(Evaluator& evaluator, const std::vector<size_t>& left) {
    std::optional<size_t> running;
    int64_t deadline = NowMs() + kStartMs;
    std::string line;
    for (size_t done = 0; done < left.size();) {
      const Evaluator::Got got = evaluator.Next(deadline, line);
      if (got == Evaluator::Got::kLate) {
        evaluator.Stop();
        return Lose(running.value_or(left[done]),
                    running
                        ? "deadline: killed after " + std::to_string(request_.check_seconds) + " s"
                        : "deadline: the evaluator did not start");
      }
      const auto reply = got == Evaluator::Got::kLine ? ParseReply(line)
                                                      : absl::StatusOr<ReplyLine>(BadData("end"));
      if (!reply.ok() || !Take(*reply, left[done], running, done)) {
        const std::string how = evaluator.Stop();
        return Lose(left[done], got == Evaluator::Got::kLine ? "the evaluator sent what is no reply"
                                                             : "the evaluator " + how);
      }
      deadline = NowMs() + (running ? request_.check_seconds * 1000 : kStartMs);
    }
  }

  // Jobs come in order, each first started and then ended; anything else is no reply.
  bool Take(const ReplyLine& reply, size_t expected, std::optional<size_t>& running, size_t& done) {
    if (const auto* start = std::get_if<StartLine>(&reply)) {
      if (running || start->job != expected) return false;
      running = expected;
      return true;
    }
    if (const auto* memory = std::get_if<MemoryLine>(&reply)) {
      if (!running || told_ == expected + 1) return false;  // once a job
      told_ = expected + 1;
      request_.memory = memory->memory;
      return true;
    }
    const auto& line = std::get<OutcomeLine>(reply);
    if (running != expected || line.job != expected) return false;
    CheckOutcome outcome = UnknownOutcome(request_.jobs[expected], "");
    outcome.rows = line.rows;
    outcome.duration_ms = line.duration_ms;
    outcomes_[expected] = std::move(outcome);
    running.reset();
    ++done;
    return true;
  }

  void Lose(size_t job, const std::string& reason) {
    outcomes_[job] = UnknownOutcome(request_.jobs[job], reason);
  }

  EvaluateRequest request_;
  const ChildMain& child_;
  std::vector<std::optional<CheckOutcome>> outcomes_;
  size_t told_ = 0;  // 1 + the job that has told what it learned last
};

// In SQL the values that name people are pseudonyms, as the columns are that they are compared
// with.
EvaluateRequest Hidden(EvaluateRequest request) {
  if (!request.pseudonym_key) return request;
  for (CheckJob& job : request.jobs) {
    job.values = PseudonymiseValues(job.check, std::move(job.values), *request.pseudonym_key);
  }
  return request;
}

}  // namespace

absl::StatusOr<std::vector<CheckOutcome>> Evaluate(const EvaluateRequest& request,
                                                   const ChildMain& child, std::string* memory) {
  Evaluation evaluation(Hidden(request), child);
  TOM_ASSIGN_OR_RETURN(std::vector<CheckOutcome> outcomes, evaluation.Run());
  if (memory != nullptr) *memory = evaluation.memory();
  if (!request.pseudonym_key) return outcomes;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i].values = RecordedValues(request.jobs[i], *request.pseudonym_key);
    outcomes[i].params = ParamsDigest(outcomes[i].values);
  }
  return outcomes;
}

}  // namespace tom
