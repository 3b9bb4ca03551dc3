// One host's bundles, in order of time, replayed with every proof on the way judged. Internal to
// evidence/.
//
// A look's counted time needs the earliest stamp over itself or a descendant, which may stand in a
// later bundle: steps are judged as they come and counted when that is known.
#ifndef TOM_EVIDENCE_PACK_HOST_H_
#define TOM_EVIDENCE_PACK_HOST_H_

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/bundle.h"
#include "evidence/claim_sheet.h"
#include "evidence/intervals.h"
#include "evidence/pack_bodies.h"
#include "evidence/pack_ledger.h"
#include "evidence/pack_scope.h"

namespace tom {

struct HostTotals {
  size_t chains = 0;
  size_t openings = 0;
  size_t statements = 0;
  size_t signatures = 0;
  size_t handovers = 0;
  size_t looks = 0;       // in the period
  size_t unanchored = 0;  // of those
  size_t excluded = 0;
  size_t rescoped = 0;  // heads that give their row another scope than the head before
  size_t refined = 0;   // heads of a scope that neither authorisation nor label ever gave the host
};

// What every host of a pack is judged by; outlives the hosts.
struct PackSetting {
  const PackLedger& ledger;
  const ScopeFacts& scope;
  const PackFacts& facts;
  const PackFileReader& read;
  PackBodies& bodies;
  int64_t anchor_max_seconds = 0;
};

class PackHost {
 public:
  PackHost(const EnrolledHost& enrolled, const PackSetting& setting, ClaimSheet& sheet);

  // Bundles in order; what breaks a chain ends that chain, and disproves.
  void Add(const HostBundle& bundle);
  // The host's part of the roll-up's input. Call once, after the last bundle.
  HostEvidence Finish();
  const HostTotals& totals() const { return totals_; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // A context with its params pieces, judged once.
  struct KnownContext {
    Context context;
    std::vector<std::pair<std::string, Digest>> demanded;
    size_t withheld = 0;                   // params pieces that are another controller's
    const Catalogue* catalogue = nullptr;  // null where the pack does not have it
  };
  struct Key {
    PublicKey key;
    uint64_t after = 0;                 // good for leaves after this index
    std::optional<uint64_t> until;      // and before this one
    std::optional<Digest> last_digest;  // the last statement of this key, once handed over
  };
  // A branch after its newest statement.
  struct Live {
    Branch branch;
    std::map<Digest, Head> heads;
    size_t node = kNone;
    Digest line;                // right after an opening: what the interval builder calls it
    std::optional<size_t> key;  // index into keys_
    bool tip_signed = false;
    std::optional<uint64_t> lowest;  // leaf indexes seen under that key
    std::optional<uint64_t> highest;
  };
  // A step that waits for the end of its bracket.
  struct Node {
    ReplayStep step;
    std::optional<Digest> prev;
    std::vector<Digest> continues;
    std::vector<size_t> parents;  // prev, or what it continues; none right after an opening
    UnixSeconds base = 0;         // counted time of `prev` when that is an opening
    UnixSeconds observed_at = 0;
    TimeFacts time;
  };

  // The last look at a group that an opening shows.
  struct LastLook {
    std::optional<CountedTime> counted;  // of the last that covers
    bool bound = false;                  // signed, and with its leaf
  };
  using Looks = std::map<std::string, LastLook>;  // by interval

  void AddHandovers(const HostBundle& bundle);
  std::map<Digest, const ProvenLeaf*> GoodLeaves(const HostBundle& bundle);
  void MarkForks(const HostBundle& bundle);
  absl::Status Replay(const Report& report, const Digest& digest, Live& live, bool first,
                      Node& node);
  void CountHeads();
  bool IsDefault(const std::vector<std::string>& scope) const;
  absl::Status AddChain(const BundleChain& chain);
  absl::StatusOr<Live> Begin(const BundleChain& chain);
  absl::StatusOr<Live> Open(const BundleChain& chain);
  absl::Status CheckOpening(const BundleChain& chain, const Live& live, const Looks& looks,
                            const KnownContext& known) const;
  static std::array<char, 16> HalfOf(const Digest& digest);
  absl::Status CheckStanding(const Live& live, const KnownContext& known) const;
  absl::Status AddStatement(const BundleStatement& statement, const BundleChain& chain,
                            std::optional<Live>& live);
  absl::Status TakeOver(const Report& report, ReplayInput& input, Node& node,
                        std::optional<size_t>& key);
  absl::Status Bracket(const Report& report, const Digest& digest, Node& node);
  void ApplyHeads(const ReplayStep& step, Live& live);
  absl::Status AddLook(const BundleStatement& look, const BundleChain& chain, Live& live,
                       Looks& looks);
  absl::Status CheckLookPlace(const Report& report, const BundleChain& chain, const Live& live);
  void CheckGroups(const KnownContext& known);
  void CheckTexts(const KnownContext& known, const std::vector<Head>& heads);
  absl::StatusOr<const KnownContext*> ContextOf(const Digest& digest);
  absl::Status ReadPieces(KnownContext& known);
  absl::Status ReadPiece(const ContextPiece& piece, KnownContext& known);
  absl::StatusOr<std::vector<Digest>> ChangedList(const Report& report) const;

  absl::Status VerifySignature(const BundleStatement& statement, const std::string& payload,
                               Live& live);
  absl::Status CheckKeyIndex(const Live& live) const;
  // True when the statement after `prev` is for the next key.
  bool AdvanceKey(const std::optional<Digest>& prev, bool signed_before,
                  std::optional<size_t>& key);
  void AddLeafIndex(uint64_t index, Live& live);

  void Stamp(size_t node, UnixSeconds not_after);
  void Flush(bool all);
  Node& NodeAt(size_t id) { return waiting_[id - flushed_]; }

  const EnrolledHost& enrolled_;
  const PackLedger& ledger_;
  const ScopeFacts& scope_;
  const PackFacts& facts_;
  const int64_t anchor_max_seconds_;
  const PackFileReader& read_;
  PackBodies& bodies_;
  ClaimSheet& sheet_;

  std::vector<Key> keys_;
  std::map<Digest, std::unique_ptr<KnownContext>> contexts_;
  ParamsPieces params_;
  std::map<Digest, Live> lives_;  // by tip
  std::map<Digest, Live> kept_;   // at fork points of the bundle being read
  std::set<Digest> forks_;
  const std::map<Digest, Head>* bundle_heads_ = nullptr;
  const std::map<Digest, const ProvenLeaf*>* bundle_leaves_ = nullptr;

  std::vector<Node> waiting_;
  size_t flushed_ = 0;
  std::vector<UnixSeconds> counted_;  // by node, of those flushed
  IntervalBuilder builder_;
  std::set<Digest> seen_heads_;
  std::set<Digest> seen_pieces_;
  std::set<std::array<char, 16>> shown_;  // statements of runs, by the first half of their digest
  HostTotals totals_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_HOST_H_
