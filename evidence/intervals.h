// Replay steps of one host -> intervals of verdicts and presence (records.md "Store"; design.md
// "Rules that hold everywhere" 1).
#ifndef TOM_EVIDENCE_INTERVALS_H_
#define TOM_EVIDENCE_INTERVALS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "evidence/replay.h"
#include "evidence/time_set.h"

namespace tom {

// Why an interval ended.
enum class IntervalEnd {
  kStands,      // it has not, as far as is known
  kReplaced,    // by another head of the same row
  kRemoved,     // the row was removed
  kUndemanded,  // removed as the context no longer asks for its check and params
  kChainEnd,    // absent from the chain that continues this one
  kExpired,     // at valid_until: `unknown` follows
};

// One verdict of one row over a half-open span of counted time; `to` = kForever while it stands.
struct VerdictInterval {
  RowKey key;
  UnixSeconds from = 0;
  UnixSeconds to = 0;
  Verdict verdict = Verdict::kUnknown;
  std::vector<std::string> scope;
  std::optional<Digest> excluded;
  std::optional<UnixSeconds> valid_until;
  Digest head;
  Digest check_digest;
  IntervalEnd end = IntervalEnd::kStands;
};

// The spans of `interval` with its valid_until applied: itself, or itself up to there and `unknown`
// (kExpired before).
std::vector<VerdictInterval> ApplyExpiry(const VerdictInterval& interval);

// A group was looked at: vouched for from one look to the next, at most twice the interval.
struct PresenceInterval {
  std::string interval;
  UnixSeconds from = 0;
  UnixSeconds to = 0;
  bool anchored = false;
};

// Collects the steps of one host. Every line of statements (a branch without forks) has its own
// intervals, and a fork copies what stood at the fork, so the worst verdict counts; a group is
// present only where every line alive then has looked. A line ends where a chain `continues` its
// tip.
class IntervalBuilder {
 public:
  // Statements that will have more than one successor: their state is kept for the later ones. Call
  // before Add reaches them; a second successor of another statement is refused by Add.
  void KeepForFork(const Digest& statement) { forks_.insert(statement); }

  // Heads and looks as they stood at `tip`, for a bundle's opening: interval -> counted time of its
  // last look and whether that is anchored.
  void Open(const Digest& tip, const std::vector<Head>& heads, UnixSeconds at,
            const std::map<std::string, std::pair<UnixSeconds, bool>>& looks);

  // `prev` of the report (absent: first of a chain, whose `continues` end the lines they name:
  // equal heads keep their interval, absent ones close). False, and nothing changed, when `prev` is
  // not a known tip or fork point.
  bool Add(const ReplayStep& step, const std::optional<Digest>& prev,
           const std::vector<Digest>& continues = {});

  // Expiry applied; in no particular order.
  std::vector<VerdictInterval> Verdicts() const;
  std::vector<PresenceInterval> Presence() const;

 private:
  struct Look {
    UnixSeconds at = 0;
    bool anchored = false;
  };
  struct Line {
    std::map<RowKey, VerdictInterval> open;
    std::map<std::string, std::vector<Look>> looks;
    UnixSeconds from = 0;
    UnixSeconds to = kForever;
  };

  std::optional<Line> Extend(const Digest& prev);
  Line TakeOver(const std::vector<Digest>& tips, const ReplayStep& step);
  void Close(VerdictInterval interval, UnixSeconds at, IntervalEnd end);
  void ApplyRows(const ReplayStep& step, Line& line);

  std::map<Digest, Line> tips_;  // lines that go on, by their newest statement
  std::map<Digest, Line> kept_;  // as they stood at a fork point
  std::vector<Line> ended_;
  std::set<Digest> forks_;
  std::vector<VerdictInterval> done_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_INTERVALS_H_
