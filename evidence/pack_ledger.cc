#include "evidence/pack_ledger.h"

#include <algorithm>

#include "evidence/limits.h"
#include "evidence/merkle.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Without the log's key a note is only read: what follows from it is self-consistent, no more.
absl::StatusOr<Checkpoint> ReadUnverified(std::string_view note) {
  TOM_ASSIGN_OR_RETURN(const std::string text, NoteText(note));
  const size_t first = text.find('\n');
  const size_t second = first == std::string::npos ? first : text.find('\n', first + 1);
  if (second == std::string::npos || second - first < 2 || second - first > 18) {
    return BadData("checkpoint: fewer than three lines");
  }
  Checkpoint checkpoint;
  checkpoint.origin = text.substr(0, first);
  for (size_t i = first + 1; i < second; ++i) {
    if (text[i] < '0' || text[i] > '9') return BadData("checkpoint: the size is no number");
    checkpoint.size = checkpoint.size * 10 + static_cast<uint64_t>(text[i] - '0');
  }
  const size_t end = text.find('\n', second + 1);
  TOM_ASSIGN_OR_RETURN(const std::string raw,
                       Base64Decode(text.substr(second + 1, end - second - 1)));
  TOM_ASSIGN_OR_RETURN(checkpoint.root, Digest::FromRaw(raw));
  if (CheckpointText(checkpoint) != text) return BadData("checkpoint: not in its one spelling");
  return checkpoint;
}

}  // namespace

PackLedger::PackLedger(const std::vector<Stamp>& stamps, const std::string& origin,
                       const EvidenceTrust& trust, const StampVerifier& verify, ClaimSheet& sheet) {
  for (const Stamp& stamp : stamps) AddStamp(stamp, origin, trust, verify, sheet);
  if (!trust.log_key) sheet.Unprove("ledger-key", "the ledger's key is not known");
  if (points_.empty()) sheet.Unprove("ledger-key", "the pack shows no checkpoint");
  if (!anchored_) sheet.Unprove("ledger-anchored", "no checkpoint is stamped from outside");
}

void PackLedger::AddStamp(const Stamp& stamp, const std::string& origin, const EvidenceTrust& trust,
                          const StampVerifier& verify, ClaimSheet& sheet) {
  const auto checkpoint =
      trust.log_key ? VerifyCheckpoint(stamp.note, *trust.log_key) : ReadUnverified(stamp.note);
  if (!sheet.Check("ledger-key", checkpoint.status(), kStampsName)) return;
  if (checkpoint->origin != origin) {
    sheet.Disprove("ledger-key", "a checkpoint of another ledger", kStampsName);
    return;
  }
  Point point{checkpoint->size, checkpoint->root, Sha256(stamp.token), std::nullopt};
  if (!points_.empty()) {
    const Point& before = points_.back();
    const absl::Status follows =
        point.size < before.size ? BadData("checkpoints are not in order of size")
                                 : merkle::VerifyConsistency(before.size, point.size, before.root,
                                                             point.root, stamp.consistency);
    if (!sheet.Check("ledger-key", follows, kStampsName)) return;
  }
  if (!stamp.token.empty()) {
    const auto text = NoteText(stamp.note);
    const auto time = verify(stamp.token, Sha256(text.ok() ? *text : ""));
    if (sheet.Check("ledger-anchored", time.status(), kStampsName)) point.time = time->time;
  }
  if (point.time) {
    const auto last = std::find_if(points_.rbegin(), points_.rend(),
                                   [](const Point& known) { return known.time.has_value(); });
    if (last != points_.rend() && *last->time > *point.time) {
      sheet.Disprove("ledger-anchored", "a larger checkpoint was stamped before a smaller one",
                     kStampsName);
      return;
    }
    anchored_ = true;
  }
  points_.push_back(point);
}

absl::Status PackLedger::VerifyLeaf(const ProvenLeaf& leaf) const {
  const auto point =
      std::lower_bound(points_.begin(), points_.end(), leaf.size,
                       [](const Point& known, uint64_t size) { return known.size < size; });
  if (point == points_.end() || point->size != leaf.size) {
    return absl::NotFoundError(ToAbsl("leaf " + std::to_string(leaf.index) +
                                      ": the pack has no good checkpoint of size " +
                                      std::to_string(leaf.size)));
  }
  const Digest hash = merkle::LeafHash(LeafData(LeafBodyDigest(leaf.body)));
  return Annotate(merkle::VerifyInclusion(leaf.index, leaf.size, hash, leaf.inclusion, point->root),
                  "leaf " + std::to_string(leaf.index));
}

absl::Status PackLedger::VerifyStatementLeaf(const ProvenLeaf& leaf, const Digest& statement,
                                             LeafKind kind) const {
  const std::string where = "leaf " + std::to_string(leaf.index);
  if (leaf.body.kind != kind) return BadData(where + ": of another kind");
  if (leaf.body.digest != statement) return BadData(where + ": of another statement");
  TOM_RETURN_IF_ERROR(VerifyLeaf(leaf));
  const auto stamped = StampedAt(leaf.index);
  if (stamped && leaf.body.received_at > *stamped + limits::kClockSlackSeconds) {
    return BadData(where + ": received after a stamp that covers it");
  }
  return absl::OkStatus();
}

std::optional<UnixSeconds> PackLedger::StampedAt(uint64_t index) const {
  for (auto point =
           std::upper_bound(points_.begin(), points_.end(), index,
                            [](uint64_t wanted, const Point&known) { return wanted < known.size; });
       point != points_.end(); ++point) {
    if (point->time) return point->time;
  }
  return std::nullopt;
}

std::optional<UnixSeconds> PackLedger::ActsAt(const ProvenLeaf& leaf) const {
  return anchored_ ? StampedAt(leaf.index) : std::optional(leaf.body.received_at);
}

std::optional<UnixSeconds> PackLedger::StampBefore(uint64_t index) const {
  std::optional<UnixSeconds> time;
  for (const Point& point : points_) {
    if (point.size > index) break;
    if (point.time) time = point.time;
  }
  return time;
}

absl::StatusOr<std::optional<UnixSeconds>> PackLedger::AnchorTime(const Anchor& anchor) const {
  std::optional<UnixSeconds> time;
  for (auto point =
           std::lower_bound(points_.begin(), points_.end(), anchor.size,
                            [](const Point&known, uint64_t size) { return known.size < size; });
       point != points_.end() && point->size == anchor.size; ++point) {
    if (point->root != anchor.root) {
      return BadData("anchor: the host saw another tree of size " + std::to_string(anchor.size));
    }
    if (point->token == anchor.token && point->time) return point->time;
  }
  return time;
}

uint64_t PackLedger::LastStampedSize() const {
  for (auto point = points_.rbegin(); point != points_.rend(); ++point) {
    if (point->time) return point->size;
  }
  return 0;
}

uint64_t PackLedger::StampedSizeBeforeLast() const {
  const uint64_t last = LastStampedSize();
  for (auto point = points_.rbegin(); point != points_.rend(); ++point) {
    if (point->time && point->size < last) return point->size;
  }
  return 0;
}

}  // namespace tom
