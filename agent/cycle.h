// What an evaluation hands to the process that signs and sends: a look and the rules behind it, as
// canonical JSON in a pipe.
#ifndef TOM_AGENT_CYCLE_H_
#define TOM_AGENT_CYCLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/report_builder.h"

namespace tom {

inline constexpr size_t kMaxCycleBytes = 128u << 20;

struct Cycle {
  ContextSource source;
  std::vector<SubjectScope> scopes;
  std::vector<HostExclusion> exclusions;
  Look look;
};

// InvalidArgument where a value has no canonical form.
absl::StatusOr<std::string> EncodeCycle(const Cycle& cycle);
// Strict; the error names the member.
absl::StatusOr<Cycle> ParseCycle(std::string_view bytes);

// What a signing process leaves for the next evaluation: no more than a hint, never believed.
struct CycleHint {
  bool every_group = true;                   // the next look has to be at every group
  std::string context;                       // hex digest of the context last signed
  std::map<std::string, UnixSeconds> looks;  // interval -> last look signed
  UnixSeconds retry_at = 0;                  // nothing is to be sent before
};
std::string EncodeHint(const CycleHint& hint);
// What cannot be read is the hint of a first cycle.
CycleHint ParseHint(std::string_view bytes);

}  // namespace tom

#endif  // TOM_AGENT_CYCLE_H_
