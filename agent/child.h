// Short-lived children of the same binary: started with exec, never forked into, for gRPC and
// threads do not survive a fork.
#ifndef TOM_AGENT_CHILD_H_
#define TOM_AGENT_CHILD_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct ChildResult {
  int exit_code = 0;   // 128 + signal where it was killed
  std::string output;  // its standard output, at most 1 MiB
};

// Runs /proc/self/exe with `arguments`, `input` on standard input (an unnamed file), standard error
// shared. Killed with its group after `deadline_seconds`: DeadlineExceeded.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& arguments,
                                     std::string_view input, int deadline_seconds);

// Starts it in a process group of its own with no input, output shared. The caller waits for it.
absl::StatusOr<pid_t> StartChild(const std::vector<std::string>& arguments);

}  // namespace tom

#endif  // TOM_AGENT_CHILD_H_
