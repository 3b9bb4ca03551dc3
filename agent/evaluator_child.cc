// The child's side of evaluate.h.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <iostream>

#include "agent/config.h"
#include "agent/confine.h"
#include "agent/evaluate_format.h"
#include "checks/env/env_posix.h"
#include "checks/env/safe_open.h"
#include "checks/tables/dm_facts.h"
#include "checks/tables/firewall_facts.h"
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

// False: nobody listens any more.
bool TellMemory(EnvMemory& memory, int reply_fd) {
  if (!memory.TakeChanged()) return true;
  std::string now = EncodeEnvMemory(memory);
  if (now.size() > kMaxMemoryBytes) return true;
  return WriteAll(reply_fd, EncodeReply(MemoryLine{std::move(now)}));
}

bool AnyAsks(const EvaluateRequest& request, std::initializer_list<std::string_view> tables) {
  return std::any_of(request.jobs.begin(), request.jobs.end(), [&](const CheckJob& job) {
    return std::any_of(tables.begin(), tables.end(), [&](std::string_view table) {
      return job.check.query.find(table) != std::string::npos;
    });
  });
}

// Without a mapping there is nothing to ask, and dmsetup might make its device node.
bool HasMappings() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/sys/class/block", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().starts_with("dm-")) return true;
  }
  return false;
}

// The kernel shows its packet filter to CAP_NET_ADMIN alone and its mappings to CAP_SYS_ADMIN,
// which Confine gives up. So the programs that show them are run before, with fixed arguments and
// before anything of the host is read, and only where a check of this round looks at them.
PreparedPrograms ProgramsBefore(const EvaluateRequest& request) {
  if (request.mode != RootMode::kLive) return {};
  std::vector<ProgramRequest> wanted;
  if (AnyAsks(request, {"firewall_", "iptables"})) wanted = FirewallPrograms();
  if (AnyAsks(request, {"storage_encryption", "disk_encryption", "database_files", "crypttab"}) &&
      HasMappings()) {
    for (ProgramRequest& one : MappingPrograms()) wanted.push_back(std::move(one));
  }
  return PreparePrograms(wanted);
}

absl::Status RunJobs(const ReceivedRequest& received, int reply_fd, std::vector<Table> tables,
                     PreparedPrograms prepared) {
  const EvaluateRequest& request = received.request;
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Env> env,
                       OpenPosixEnv(request.mode, request.root, std::move(prepared)));
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
  RestoreEnvMemory(request.memory, env->memory());
  for (const CheckJob& job : request.jobs) engine->Expect(job.check.query);
  for (size_t i = 0; i < request.jobs.size(); ++i) {
    const size_t index = received.indices[i];
    if (!WriteAll(reply_fd, EncodeReply(StartLine{index}))) return absl::OkStatus();
    CheckOutcome outcome = RunCheck(*engine, request.jobs[i]);
    if (!TellMemory(env->memory(), reply_fd)) return absl::OkStatus();
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
  PreparedPrograms prepared;
  if (status.ok()) {
    prepared = ProgramsBefore(received->request);
    status = Confine(received->request.memory_mib, received->request.mode,
                     received->request.reads_repositories);
  }
  if (status.ok()) {
    status = RunJobs(*received, reply_fd, std::move(tables), std::move(prepared));
  }
  if (status.ok()) return 0;
  std::cerr << "tom-agent evaluate: " << status.message() << "\n";
  return 1;
}

}  // namespace tom
