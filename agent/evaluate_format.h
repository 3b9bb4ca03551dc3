// What parent and evaluator say to each other: canonical JSON, strict on both sides, for the child
// has read hostile files.
#ifndef TOM_AGENT_EVALUATE_FORMAT_H_
#define TOM_AGENT_EVALUATE_FORMAT_H_

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/evaluate.h"

namespace tom {

inline constexpr size_t kMaxReplyLine = 48 << 20;  // 1,000 rows of 32 KiB, and escapes

// {config, config_in_root: flag, jobs: [{check, file, line, job, values}], memory?, memory_mib,
// mode, overrides, pseudonym_key?, root}; `job` is the index in the request's jobs. An empty list
// is {} in values.
std::string EncodeRequest(const EvaluateRequest& request, const std::vector<size_t>& jobs);

struct ReceivedRequest {
  EvaluateRequest request;
  std::vector<size_t> indices;  // of each of its jobs
};
absl::StatusOr<ReceivedRequest> ParseRequest(std::string_view bytes);

struct StartLine {
  size_t job = 0;
};
struct OutcomeLine {
  size_t job = 0;
  std::vector<RowResult> rows;  // at least one
  int64_t duration_ms = 0;
};
struct MemoryLine {
  std::string memory;  // at most kMaxMemoryBytes
};
using ReplyLine = std::variant<StartLine, OutcomeLine, MemoryLine>;

// With the newline.
std::string EncodeReply(const ReplyLine& line);
absl::StatusOr<ReplyLine> ParseReply(std::string_view line);

}  // namespace tom

#endif  // TOM_AGENT_EVALUATE_FORMAT_H_
