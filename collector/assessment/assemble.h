// From the store's rows to the input of the roll-up (evidence/rollup.h). Never reads a report:
// intervals, presence and anchored time were kept up to date as reports and stamps came.
#ifndef TOM_COLLECTOR_ASSESSMENT_ASSEMBLE_H_
#define TOM_COLLECTOR_ASSESSMENT_ASSEMBLE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "evidence/rollup.h"

namespace tom {

// When the statement with this leaf begins to act: the first stamp whose size exceeds the index;
// kForever while no stamp does; `received_at` where there is no stamp at all.
class ActsAt {
 public:
  explicit ActsAt(std::vector<StampRow> stamps) : stamps_(std::move(stamps)) {}
  UnixSeconds Of(uint64_t leaf, UnixSeconds received_at) const;
  bool stamped() const { return !stamps_.empty(); }
  const std::vector<StampRow>& stamps() const { return stamps_; }

 private:
  const std::vector<StampRow> stamps_;  // oldest first
};

struct Assessment {
  RollupInput rules;  // in force; without hosts
  Rollup rollup;
};

// Host by host: memory holds one at a time. NotFound where no such profile was ever in force.
absl::StatusOr<Assessment> AssessStore(const StoreView& view, const std::string& profile,
                                       TimeSpan period,
                                       const std::optional<std::string>& controller);

// Verdicts and presence of hosts up to the end of `period`, from each host's first report on. What
// hosts share (contexts and their sets of parameters) is read once. `view` and `acts_at` must
// outlive it; one thread.
class HostAssembler {
 public:
  HostAssembler(const StoreView& view, const ActsAt& acts_at, TimeSpan period)
      : view_(view), acts_at_(acts_at), period_(period) {}

  absl::StatusOr<HostEvidence> Assemble(const HostRow& host);

 private:
  // The sets of parameters that a context names; good until the next call.
  absl::StatusOr<const ParamsPieces*> PiecesOf(const Digest& context);

  const StoreView& view_;
  const ActsAt& acts_at_;
  const TimeSpan period_;
  std::map<Digest, ParamsPieces> contexts_;
};

// In host_presence.cc. A host's branches are lines; a group is present only where every line then
// alive has looked. A fork is a line from the beginning of what it goes on from.
absl::StatusOr<std::vector<PresenceInterval>> HostPresence(const StoreView& view,
                                                           const std::string& host, TimeSpan span);

}  // namespace tom

#endif  // TOM_COLLECTOR_ASSESSMENT_ASSEMBLE_H_
