// Runs one program, or one function of this one, inside a cage: as the drill's user, in a process
// namespace of its own, so that nothing that it started outlives it, and without a way back out
// (pivot_root(2)). It is killed when this process ends, at its deadline, or when it says too much.
#ifndef TOM_AGENT_DRILL_WORKER_H_
#define TOM_AGENT_DRILL_WORKER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/drill/cage.h"

namespace tom {

struct WorkerRequest {
  std::vector<std::string> command;      // an absolute path first, then arguments; empty: `inside`
  std::vector<std::string> environment;  // "NAME=value"; there is nothing else but a PATH and HOME
  std::function<int()> inside;           // what it prints goes to descriptor 1, errors to 2
  bool reads_all = false;                // also what the drill's user may not read
  int64_t deadline_ms = 0;
  std::vector<int> opened;  // become 3, 4, …
  // Takes each line of standard output, without its end; an error ends the worker. Empty: the
  // output is kept.
  std::function<absl::Status(std::string_view line)> on_line;
  size_t max_output_bytes = 16 << 20;  // kept, or seen in all
};

struct WorkerResult {
  int exit_status = 0;  // 128 + signal where it was killed
  std::string output;
  std::string error;  // the beginning of what it wrote to standard error
};

// DeadlineExceeded, ResourceExhausted (too much output, or a line beyond kMaxListingLine), what
// `on_line` gave, PermissionDenied or Internal when it could not be started. An exit status is a
// result.
absl::StatusOr<WorkerResult> RunWorker(const Cage& cage, const WorkerRequest& request);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_WORKER_H_
