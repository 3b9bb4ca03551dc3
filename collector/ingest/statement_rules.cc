#include "collector/ingest/statement_desk.h"
#include "evidence/catalogue.h"
#include "evidence/limits.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Given {
  StoreTransaction& store;
  const Json& predicate;
  const Digest& digest;
  UnixSeconds now;
  BlobSet& blobs;
};

absl::Status OnAuthorisation(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const EnrolmentAuthorisation statement,
                       EnrolmentAuthorisationFrom(in.predicate));
  if (statement.expires <= in.now) return BadData("predicate.expires: has passed");
  if (in.store.AuthorisationByToken(statement.token).ok()) {
    return BadData("predicate.token: of another authorisation");
  }
  AuthorisationRow row;
  row.digest = in.digest;
  row.token = statement.token;
  row.systems = statement.systems;
  row.controllers = statement.controllers;
  row.kind = statement.kind;
  row.uses = statement.uses;
  row.expires = statement.expires;
  return in.store.AddAuthorisation(row);
}

absl::Status OnApproval(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const Approval statement, ApprovalFrom(in.predicate));
  const absl::StatusOr<StoredStatement> approved = in.store.Statement(statement.approves);
  if (absl::IsNotFound(approved.status())) return BadData("predicate.approves: not in the ledger");
  return approved.status();
}

absl::Status OnInventory(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const Inventory statement, InventoryFrom(in.predicate));
  for (const InventorySystem& system : statement.systems) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes, in.blobs.Need(in.store, system.body));
    const absl::StatusOr<Json> json = ParseCanonical(bytes);
    if (!json.ok()) return Annotate(json.status(), "system " + system.id + ": body");
    const absl::StatusOr<InventoryBody> body = InventoryBodyFrom(*json);
    if (!body.ok()) return Annotate(body.status(), "system " + system.id + ": body");
  }
  return absl::OkStatus();
}

absl::Status OnLabel(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const Label statement, LabelFrom(in.predicate));
  absl::StatusOr<HostRow> host = in.store.Host(statement.host);
  if (absl::IsNotFound(host.status())) return BadData("predicate.host: not enrolled");
  TOM_RETURN_IF_ERROR(host.status());
  host->controllers = statement.controllers;
  return in.store.UpdateHost(*host);
}

absl::Status OnProfile(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const ProfileStatement statement, ProfileStatementFrom(in.predicate));
  TOM_ASSIGN_OR_RETURN(const std::string bytes, in.blobs.Need(in.store, statement.digest));
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  TOM_ASSIGN_OR_RETURN(const Profile profile, ProfileFromJson(json, "profile"));
  if (profile.id == statement.profile) return absl::OkStatus();
  return BadData("predicate.profile: the blob is " + profile.id);
}

absl::Status OnCatalogueVersion(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const CatalogueVersion statement, CatalogueVersionFrom(in.predicate));
  const absl::StatusOr<StoredStatement> named = in.store.Statement(statement.catalogue);
  if (absl::IsNotFound(named.status())) return BadData("predicate.catalogue: not in the ledger");
  TOM_RETURN_IF_ERROR(named.status());
  if (named->kind != Kind::kCatalogue) return BadData("predicate.catalogue: is no catalogue");
  TOM_ASSIGN_OR_RETURN(const Statement inner, ParseKindStatement(named->envelope.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement catalogue, CatalogueStatementFrom(inner.predicate));
  if (catalogue.version == statement.version) return absl::OkStatus();
  return BadData("predicate.version: the catalogue has another");
}

absl::Status OnCatalogue(const Given& in) {
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement statement, CatalogueStatementFrom(in.predicate));
  if (statement.expires <= in.now) return BadData("predicate.expires: has passed");
  TOM_ASSIGN_OR_RETURN(const std::string bytes, in.blobs.Need(in.store, statement.digest));
  if (bytes.size() > limits::kMaxCatalogueBytes) return BadData("catalogue: over 8 MiB");
  TOM_ASSIGN_OR_RETURN(const Catalogue catalogue, ParseCatalogue(bytes));
  if (catalogue.version != statement.version) {
    return BadData("predicate.version: the blob has another");
  }
  const absl::StatusOr<StoredStatement> latest = in.store.LatestStatement(Kind::kCatalogue);
  if (absl::IsNotFound(latest.status())) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(latest.status());
  TOM_ASSIGN_OR_RETURN(const Statement inner, ParseKindStatement(latest->envelope.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement before, CatalogueStatementFrom(inner.predicate));
  if (statement.version > before.version) return absl::OkStatus();
  return absl::FailedPreconditionError("predicate.version: not above " +
                                       std::to_string(before.version));
}

}  // namespace

absl::Status ApplyKindRules(StoreTransaction& store, const Statement& statement,
                            const Digest& digest, UnixSeconds now, BlobSet& blobs) {
  const Given in{store, statement.predicate, digest, now, blobs};
  switch (statement.kind) {
    case Kind::kEnrolmentAuthorisation:
      return OnAuthorisation(in);
    case Kind::kApproval:
      return OnApproval(in);
    case Kind::kInventory:
      return OnInventory(in);
    case Kind::kLabel:
      return OnLabel(in);
    case Kind::kProfile:
      return OnProfile(in);
    case Kind::kCatalogueVersion:
      return OnCatalogueVersion(in);
    case Kind::kCatalogue:
      return OnCatalogue(in);
    default:
      // Members of the other kinds are not fixed in this version; logging what nobody can read
      // would be guessing.
      return BadData("statement: this version does not accept a " +
                     std::string(KindName(statement.kind)));
  }
}

}  // namespace tom
