// The ledger as a pack shows it: stamped checkpoints that follow from one another, and what they
// prove of leaves. Internal to evidence/.
#ifndef TOM_EVIDENCE_PACK_LEDGER_H_
#define TOM_EVIDENCE_PACK_LEDGER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/bundle.h"
#include "evidence/claim_sheet.h"
#include "evidence/timestamp.h"

namespace tom {

// Verifies a token over an imprint; VerifyTimeStamp with the trusted authorities, but in tests.
using StampVerifier =
    std::function<absl::StatusOr<TimeStamp>(std::string_view token, const Digest& imprint)>;

class PackLedger {
 public:
  // Judges ledger-key and ledger-anchored on the way. Checkpoints that do not verify are left out.
  PackLedger(const std::vector<Stamp>& stamps, const std::string& origin,
             const EvidenceTrust& trust, const StampVerifier& verify, ClaimSheet& sheet);

  // The leaf is in the tree of the checkpoint that it names.
  absl::Status VerifyLeaf(const ProvenLeaf& leaf) const;
  // VerifyLeaf, and the leaf is that of `statement` with the given kind.
  absl::Status VerifyStatementLeaf(const ProvenLeaf& leaf, const Digest& statement,
                                   LeafKind kind) const;
  // Time of the first stamp whose size exceeds the index.
  std::optional<UnixSeconds> StampedAt(uint64_t index) const;
  // acts_at of records.md; nothing when it does not act yet.
  std::optional<UnixSeconds> ActsAt(const ProvenLeaf& leaf) const;
  // Time of the newest stamp that does not cover the index.
  std::optional<UnixSeconds> StampBefore(uint64_t index) const;
  // Time of the stamp that a report names, if the pack has it. InvalidArgument where the pack's
  // checkpoint of that size has another root: a split ledger.
  absl::StatusOr<std::optional<UnixSeconds>> AnchorTime(const Anchor& anchor) const;

  bool Anchored() const { return anchored_; }
  size_t checkpoints() const { return points_.size(); }
  // Sizes of the last stamped checkpoint and the one before it (0 when there is none).
  uint64_t LastStampedSize() const;
  uint64_t StampedSizeBeforeLast() const;

 private:
  struct Point {
    uint64_t size = 0;
    Digest root;
    Digest token;
    std::optional<UnixSeconds> time;
  };
  void AddStamp(const Stamp& stamp, const std::string& origin, const EvidenceTrust& trust,
                const StampVerifier& verify, ClaimSheet& sheet);

  std::vector<Point> points_;  // by size
  bool anchored_ = false;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_LEDGER_H_
