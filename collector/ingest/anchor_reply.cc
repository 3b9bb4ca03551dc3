#include "collector/ingest/anchor_reply.h"

#include "collector/ledger/proofs.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// The caller's newest report below `size`, over all branches.
absl::StatusOr<std::optional<ReceiptParts>> NewestReceipt(const StoreView& view,
                                                          const std::string& host, uint64_t size) {
  TOM_ASSIGN_OR_RETURN(const std::vector<BranchRow> branches, view.Branches(host));
  std::optional<ReceiptParts> newest;
  for (const BranchRow& branch : branches) {
    TOM_ASSIGN_OR_RETURN(const std::optional<uint64_t> seq, view.LastSeqUnder(branch.id, size));
    if (!seq) continue;
    TOM_ASSIGN_OR_RETURN(const StoredReport report, view.Report(branch.id, *seq));
    if (newest && newest->index > report.leaf) continue;
    newest = ReceiptParts{report.digest, report.leaf, report.leaf_body, {}};
  }
  if (!newest) return newest;
  TOM_ASSIGN_OR_RETURN(newest->inclusion,
                       merkle::InclusionProof(newest->index, size, NodesOf(view)));
  return newest;
}

}  // namespace

absl::StatusOr<AnchorReply> MakeAnchorReply(const StoreView& view, const std::string& host,
                                            uint64_t held_size) {
  AnchorReply reply;
  uint64_t size = 0;
  absl::StatusOr<StampRow> stamp = view.LatestStamp();
  if (stamp.ok()) {
    size = stamp->size;
    reply.checkpoint = stamp->note;
    reply.token = stamp->token;
  } else if (absl::IsNotFound(stamp.status())) {
    TOM_ASSIGN_OR_RETURN(const LedgerHead head, view.Head());
    size = head.size;
    reply.checkpoint = head.note;
  } else {
    return stamp.status();
  }
  if (held_size > 0 && held_size <= size) {
    TOM_ASSIGN_OR_RETURN(reply.consistency,
                         merkle::ConsistencyProof(held_size, size, NodesOf(view)));
  }
  TOM_ASSIGN_OR_RETURN(reply.receipt, NewestReceipt(view, host, size));
  return reply;
}

absl::StatusOr<CatalogueReply> CatalogueInForce(const StoreView& view) {
  TOM_ASSIGN_OR_RETURN(const StoredStatement latest, view.LatestStatement(Kind::kCatalogueVersion));
  TOM_ASSIGN_OR_RETURN(const Statement outer, ParseKindStatement(latest.envelope.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueVersion version, CatalogueVersionFrom(outer.predicate));
  CatalogueReply reply;
  TOM_ASSIGN_OR_RETURN(reply.statement, view.Statement(version.catalogue));
  TOM_ASSIGN_OR_RETURN(const Statement inner, ParseKindStatement(reply.statement.envelope.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement catalogue, CatalogueStatementFrom(inner.predicate));
  TOM_ASSIGN_OR_RETURN(reply.publisher, view.Blob(*catalogue.common.signer));
  TOM_ASSIGN_OR_RETURN(reply.catalogue, view.Blob(catalogue.digest));
  return reply;
}

}  // namespace tom
