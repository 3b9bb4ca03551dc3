#include "collector/pack/scope_export.h"

#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status ExportInventory(const StoreView& view, const Json& predicate,
                             const PackRequest& request, PackSpool& spool) {
  TOM_ASSIGN_OR_RETURN(const Inventory inventory, InventoryFrom(predicate));
  for (const InventorySystem& system : inventory.systems) {
    // The head stays where the body, which has the names, is another controller's or erased.
    if (!request.Shows(system.controllers)) continue;
    TOM_RETURN_IF_ERROR(ExportBlob(view, system.body, false, spool));
  }
  return absl::OkStatus();
}

// What a statement names by digest beside its signer.
absl::Status ExportNamed(const StoreView& view, const Statement& statement,
                         const PackRequest& request, PackSpool& spool) {
  switch (statement.kind) {
    case Kind::kInventory:
      return ExportInventory(view, statement.predicate, request, spool);
    case Kind::kProfile: {
      TOM_ASSIGN_OR_RETURN(const ProfileStatement profile,
                           ProfileStatementFrom(statement.predicate));
      // Another profile is another agreement, and maybe another controller's.
      if (request.controller && profile.profile != request.profile) return absl::OkStatus();
      return ExportBlob(view, profile.digest, true, spool);
    }
    case Kind::kCatalogue: {
      TOM_ASSIGN_OR_RETURN(const CatalogueStatement catalogue,
                           CatalogueStatementFrom(statement.predicate));
      return ExportBlob(view, catalogue.digest, true, spool);
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status TakeLabel(const LedgerProofs& proofs, const StoredStatement& row,
                       ExportedScope& exported) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(row.envelope.payload));
  TOM_ASSIGN_OR_RETURN(Label label, LabelFrom(statement.predicate));
  for (const StampRow& stamp : proofs.stamps()) {
    if (stamp.size <= row.leaf) continue;
    exported.labels[label.host].push_back({stamp.time, std::move(label.controllers)});
    break;
  }
  return absl::OkStatus();
}

absl::Status ExportBlobsOf(const StoreView& view, const Envelope& envelope,
                           const PackRequest& request, PackSpool& spool) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(envelope.payload));
  const Json* signer = statement.predicate.Find("signer");
  if (signer != nullptr && signer->IsString()) {
    TOM_ASSIGN_OR_RETURN(const Digest digest, Digest::FromHex(signer->AsString()));
    TOM_RETURN_IF_ERROR(ExportBlob(view, digest, true, spool));
  }
  return ExportNamed(view, statement, request, spool);
}

}  // namespace

absl::Status ExportBlob(const StoreView& view, const Digest& digest, bool required,
                        PackSpool& spool) {
  const std::string name = BlobName(digest);
  if (spool.Has(name)) return absl::OkStatus();
  const auto bytes = view.Blob(digest);
  if (bytes.ok()) return spool.Put(name, *bytes);
  if (!required && bytes.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  return Annotate(bytes.status(), "blob " + digest.Hex());
}

absl::StatusOr<ExportedScope> ExportScope(const StoreView& view, const LedgerProofs& proofs,
                                          const PackRequest& request, PackSpool& spool) {
  ExportedScope exported;
  ScopeChain chain;
  const auto take = [&](const StoredStatement& row) -> absl::Status {
    TOM_ASSIGN_OR_RETURN(ProvenLeaf leaf, proofs.Prove(row.leaf, row.leaf_body));
    ScopeEntry entry{row.envelope, std::move(leaf)};
    if (row.leaf_body.kind == LeafKind::kHandover) {
      exported.handovers[row.leaf_body.host.value_or("")].push_back(std::move(entry));
      return absl::OkStatus();
    }
    TOM_RETURN_IF_ERROR(ExportBlobsOf(view, row.envelope, request, spool));
    if (row.kind == Kind::kLabel) TOM_RETURN_IF_ERROR(TakeLabel(proofs, row, exported));
    const bool catalogue = row.leaf_body.kind == LeafKind::kCatalogue;
    (catalogue ? chain.catalogues : chain.entries).push_back(std::move(entry));
    return absl::OkStatus();
  };
  TOM_RETURN_IF_ERROR(view.VisitStatements(0, proofs.size(), take));
  TOM_RETURN_IF_ERROR(spool.Put(std::string(kScopeName), EncodeScopeChain(chain)));
  TOM_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, proofs.Stamps());
  TOM_RETURN_IF_ERROR(spool.Put(std::string(kStampsName), EncodeStamps(stamps)));
  return exported;
}

}  // namespace tom
