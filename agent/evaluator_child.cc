// The child's side of evaluate.h.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>

#include "agent/config.h"
#include "agent/confine.h"
#include "agent/evaluate_format.h"
#include "checks/env/env_posix.h"
#include "checks/env/safe_open.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxRequestBytes = 64 << 20;
constexpr int64_t kMiB = 1 << 20;

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

absl::Status RunJobs(const ReceivedRequest& received, int reply_fd, std::vector<Table> tables) {
  const EvaluateRequest& request = received.request;
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Env> env, OpenPosixEnv(request.mode, request.root));
  SqlOptions options;
  if (!request.config_path.empty()) {
    TOM_ASSIGN_OR_RETURN(
        AgentConfig config,
        LoadConfigInRoot(request.config_in_root ? request.root : "/", request.config_path));
    options.declared = std::move(config.declared);
  }
  options.declared.overrides = request.overrides;
  options.pseudonym_key = request.pseudonym_key;
  options.heap_bytes = request.memory_mib * kMiB / 2;
  TOM_ASSIGN_OR_RETURN(const auto engine,
                       SqlEngine::Create(std::move(tables), *env, std::move(options)));
  for (size_t i = 0; i < request.jobs.size(); ++i) {
    const size_t index = received.indices[i];
    if (!WriteAll(reply_fd, EncodeReply(StartLine{index}))) return absl::OkStatus();
    CheckOutcome outcome = RunCheck(*engine, request.jobs[i]);
    const OutcomeLine line{index, std::move(outcome.rows), outcome.duration_ms};
    if (!WriteAll(reply_fd, EncodeReply(line))) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

int EvaluatorMain(int request_fd, int reply_fd, std::vector<Table> tables) {
  const auto bytes = ReadAll(request_fd, "request", kMaxRequestBytes);
  auto received =
      bytes.ok() ? ParseRequest(*bytes) : absl::StatusOr<ReceivedRequest>(bytes.status());
  absl::Status status = received.status();
  if (status.ok()) {
    status = Confine(received->request.memory_mib, received->request.mode,
                     received->request.reads_repositories);
  }
  if (status.ok()) {
    status = RunJobs(*received, reply_fd, std::move(tables));
  }
  if (status.ok()) return 0;
  std::cerr << "tom-agent evaluate: " << status.message() << "\n";
  return 1;
}

}  // namespace tom
