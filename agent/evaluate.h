// Runs checks in a child process, so that a hang, a crash or a greedy query costs one `unknown` and
// nothing else.
//
// The child is this program with the hidden verb `evaluate`: no signing key, rlimits, no core, dies
// with its parent. It gets the request on standard input and writes lines of canonical JSON on
// standard output: {"start": job}, perhaps {"memory": bytes} when a table has learned something
// that later evaluations need not ask for again, then that job's outcome. The parent enforces the
// deadline: it kills, records `unknown: deadline` for the job that was running, and starts a new
// child with the rest (design.md "Processes"). A child that dies costs the job that was running.
#ifndef TOM_AGENT_EVALUATE_H_
#define TOM_AGENT_EVALUATE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/check_runner.h"
#include "checks/engine/outcome.h"
#include "checks/env/env.h"

namespace tom {

struct EvaluateRequest {
  std::string
      config_path;  // read again by the child for what it declares; empty = nothing is declared
  bool config_in_root = false;  // the path is one of the examined tree
  std::vector<LocalOverride> overrides;
  RootMode mode = RootMode::kLive;
  std::string root = "/";
  bool reads_repositories = false;  // a declared backup needs the host's own restic, in any mode
  std::vector<CheckJob> jobs;
  int64_t check_seconds = 30;                // for each job
  int64_t memory_mib = 128;                  // of data, in the child (RLIMIT_DATA)
  std::optional<std::string> pseudonym_key;  // the key's bytes; absent = clear values
  std::string memory;  // what earlier evaluations left (checks/env/env_memory.h)
};

// What the child does with its two descriptors; it never returns into the parent's code. REQUIRES:
// only async-signal-safe calls before an exec. The default executes /proc/self/exe evaluate.
using ChildMain = std::function<int(int request_fd, int reply_fd)>;

// One outcome a job, in the order of the jobs. Fails only where no child can be started at all.
// `memory`, where there is one, gets what is to be handed to the next evaluation: the request's, or
// what this one has made of it.
absl::StatusOr<std::vector<CheckOutcome>> Evaluate(const EvaluateRequest& request,
                                                   const ChildMain& child = nullptr,
                                                   std::string* memory = nullptr);

// The child's side: reads the request, runs its jobs over `tables`, writes the lines. Gives the
// exit code.
int EvaluatorMain(int request_fd, int reply_fd, std::vector<Table> tables);

}  // namespace tom

#endif  // TOM_AGENT_EVALUATE_H_
