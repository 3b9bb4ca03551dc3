#include "collector/ledger/proofs.h"
#include "collector/ledger/sequencer.h"
#include "evidence/authority.h"
#include "evidence/status_text.h"

namespace tom {

LedgerWriter::LedgerWriter(StoreTransaction& store, LedgerHead head, UnixSeconds now)
    : store_(store),
      before_(head),
      head_(std::move(head)),
      received_at_(std::max(now, before_.received_at)) {}

uint64_t LedgerWriter::Append(LeafBody& body, bool tick) {
  const uint64_t index = next_index();
  body.received_at = received_at_;
  body.salt = RandomId();
  if (body.kind == LeafKind::kScope) body.scope_prev = head_.scope;
  const Digest digest = LeafBodyDigest(body);
  hashes_.push_back(merkle::LeafHash(LeafData(digest)));
  if (body.kind == LeafKind::kScope) {
    head_.scope = digest;
    if (!tick) head_.scope_size = index + 1;
  }
  return index;
}

absl::StatusOr<StoredStatement> LedgerWriter::AppendStatement(
    Kind kind, Envelope envelope, const std::optional<std::string>& host) {
  StoredStatement stored;
  stored.kind = kind;
  stored.digest = envelope.StatementDigest();
  stored.envelope = std::move(envelope);
  stored.leaf_body.kind = AuthorityOf(kind).leaf;
  stored.leaf_body.digest = stored.digest;
  stored.leaf_body.host = host;
  stored.leaf = Append(stored.leaf_body, kind == Kind::kTick);
  TOM_RETURN_IF_ERROR(store_.AddStatement(stored));
  return stored;
}

absl::Status LedgerWriter::Finish(
    const std::function<absl::StatusOr<std::string>(uint64_t, const Digest&)>& sign) {
  if (hashes_.empty()) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(store_.AppendLeaves(hashes_));
  LedgerHead next = head_;
  next.size += hashes_.size();
  next.received_at = received_at_;
  TOM_ASSIGN_OR_RETURN(next.root, merkle::RootAt(next.size, NodesOf(store_)));
  TOM_ASSIGN_OR_RETURN(next.note, sign(next.size, next.root));
  return store_.SwapHead(before_, next);
}

}  // namespace tom
