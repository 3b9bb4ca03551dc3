#include <algorithm>

#include "evidence/pack_host.h"
#include "evidence/status_text.h"

namespace tom {

// Each hand-over is signed by the key before it, and names it.
void PackHost::AddHandovers(const HostBundle& bundle) {
  for (const ScopeEntry& entry : bundle.handovers) {
    const std::string piece = "hand-over leaf " + std::to_string(entry.leaf.index);
    const Digest digest = entry.statement.StatementDigest();
    const absl::Status in_tree =
        ledger_.VerifyStatementLeaf(entry.leaf, digest, LeafKind::kHandover);
    if (!sheet_.Check("key-continuity", in_tree, piece)) continue;
    const absl::Status good = Annotate(VerifyEnvelope(entry.statement, keys_.back().key), piece);
    if (!sheet_.Check("key-continuity", good, piece)) continue;
    const auto statement = ParseKindStatement(entry.statement.payload);
    if (!sheet_.Check("key-continuity", statement.status(), piece)) continue;
    const auto value = statement->kind == Kind::kHandover
                           ? HandoverFrom(statement->predicate)
                           : absl::StatusOr<Handover>(BadData(piece + ": not a hand-over"));
    if (!sheet_.Check("key-continuity", value.status(), piece)) continue;
    if (value->common.ledger != facts_.ledger || value->host != enrolled_.host ||
        entry.leaf.body.host != enrolled_.host || value->old_spki != keys_.back().key.spki()) {
      sheet_.Disprove("key-continuity", piece + ": of another ledger, host or key", piece);
      continue;
    }
    auto key = PublicKey::FromSpki(value->new_spki);
    if (!sheet_.Check("key-continuity", key.status(), piece)) continue;
    keys_.back().until = entry.leaf.index;
    keys_.back().last_digest = value->last_digest;
    keys_.push_back({*std::move(key), entry.leaf.index, std::nullopt, std::nullopt});
    ++totals_.handovers;
  }
}

// After the last statement of a key its successor signs; that statement is signed itself, for
// nothing after it shows that the old key was still its host's.
bool PackHost::AdvanceKey(const std::optional<Digest>& prev, bool signed_before,
                          std::optional<size_t>& key) {
  if (!prev) return false;
  for (size_t i = 0; i + 1 < keys_.size(); ++i) {
    if (keys_[i].last_digest != *prev || (key && *key != i)) continue;
    if (!signed_before) {
      sheet_.Disprove("key-continuity", "the last report of a key carries no signature",
                      enrolled_.host);
    }
    key = i + 1;
    return true;
  }
  return false;
}

void PackHost::AddLeafIndex(uint64_t index, Live& live) {
  live.lowest = std::min(live.lowest.value_or(index), index);
  live.highest = std::max(live.highest.value_or(index), index);
  sheet_.Check("key-continuity", CheckKeyIndex(live), enrolled_.host);
}

// Keys act by index. While nothing of a chain has been signed its leaves wait; the first signature
// judges them.
absl::Status PackHost::CheckKeyIndex(const Live& live) const {
  if (!live.lowest) return absl::OkStatus();
  if (*live.lowest <= enrolled_.index) return BadData("a report older than the host's enrolment");
  if (!live.key) return absl::OkStatus();
  const Key& key = keys_[*live.key];
  if (*live.lowest <= key.after) return BadData("a report signed by a key before its hand-over");
  if (key.until && *live.highest >= *key.until) {
    return BadData("a report signed by a key after it was handed over");
  }
  return absl::OkStatus();
}

absl::Status PackHost::VerifySignature(const BundleStatement& statement, const std::string& payload,
                                       Live& live) {
  live.tip_signed = false;
  if (statement.signature.empty()) return absl::OkStatus();
  const std::string message = PreAuthEncoding(kPayloadType, payload);
  // A chain that continues none may have begun under any key of the host; its leaves' indexes tell
  // whether rightly.
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (live.key && *live.key != i) continue;
    if (!keys_[i].key.Verify(message, statement.signature).ok()) continue;
    live.key = i;
    live.tip_signed = true;
    ++totals_.signatures;
    sheet_.Check("key-continuity", CheckKeyIndex(live), enrolled_.host);
    return absl::OkStatus();
  }
  sheet_.Disprove("statement-signatures", "a report's signature is not by the host's key",
                  enrolled_.host);
  return BadData("its signature is not by the host's key");
}

}  // namespace tom
