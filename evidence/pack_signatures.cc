#include "evidence/authority.h"
#include "evidence/pack_scope.h"
#include "evidence/status_text.h"

namespace tom {

bool PackScope::GoodSignature(const Item& at, const absl::StatusOr<PublicKey>& key) {
  if (!sheet_.Check("statement-signatures", key.status(), at.piece)) return false;
  const absl::Status good = Annotate(VerifyEnvelope(at.entry->statement, *key), at.piece);
  if (!sheet_.Check("statement-signatures", good, at.piece)) return false;
  ++result_.signatures;
  return true;
}

// The certificate that the statement names; it is a blob of the pack.
std::optional<std::string> PackScope::SignerOf(const Item& at) {
  const Json* signer = at.statement.predicate.Find("signer");
  const auto digest = signer != nullptr && signer->IsString()
                          ? Digest::FromHex(signer->AsString())
                          : absl::StatusOr<Digest>(BadData("signer: missing"));
  if (!sheet_.Check("signer-roles", digest.status(), at.piece)) return std::nullopt;
  auto der = ReadBlob(read_, *digest);
  if (!sheet_.Check("statement-signatures", der.status(), at.piece)) return std::nullopt;
  return *std::move(der);
}

bool PackScope::SignedByCertificate(const Item& at, Purpose purpose) {
  const auto der = SignerOf(at);
  if (!der) return false;
  const auto acts_at = ledger_.ActsAt(at.entry->leaf);
  const absl::Status good = VerifyCertificate(*der, trust_.ca_der, purpose,
                                              acts_at.value_or(at.entry->leaf.body.received_at));
  if (!sheet_.Check("signer-roles", Annotate(good, at.piece), at.piece)) return false;
  const auto info = ReadCertificateDer(*der);
  return sheet_.Check("signer-roles", info.status(), at.piece) &&
         GoodSignature(at, PublicKey::FromSpki(info->spki));
}

// A pinned publisher need not be certified by the installation's CA; another one has to be.
bool PackScope::SignedByPublisher(const Item& at) {
  if (trust_.publisher_der.empty()) {
    sheet_.Unprove("catalogue-known", "the publisher's certificate is not known");
    return SignedByCertificate(at, Purpose::kPublisher);
  }
  const auto der = SignerOf(at);
  if (!der) return false;
  if (*der != trust_.publisher_der) {
    sheet_.Disprove("catalogue-known", at.piece + ": signed by another publisher", at.piece);
    return false;
  }
  const auto info = ReadCertificateDer(*der);
  if (!sheet_.Check("catalogue-known", info.status(), at.piece)) return false;
  const UnixSeconds acts_at =
      ledger_.ActsAt(at.entry->leaf).value_or(at.entry->leaf.body.received_at);
  if (acts_at < info->not_before || acts_at > info->not_after) {
    sheet_.Disprove("catalogue-known", at.piece + ": the publisher's certificate was not valid",
                    at.piece);
    return false;
  }
  return GoodSignature(at, PublicKey::FromSpki(info->spki));
}

bool PackScope::Signed(const Item& at) {
  const Authority& authority = AuthorityOf(at.statement.kind);
  switch (authority.rule) {
    case IdentityRule::kCertificate:
      return authority.kind == Kind::kCatalogue ? SignedByPublisher(at)
                                                : SignedByCertificate(at, *authority.purpose);
    case IdentityRule::kProofOfKey: {
      const auto enrolment = EnrolmentFrom(at.statement.predicate);
      return sheet_.Check("statement-signatures", enrolment.status(), at.piece) &&
             GoodSignature(at, PublicKey::FromSpki(enrolment->spki));
    }
    case IdentityRule::kLedgerKey:
      if (trust_.log_key) return GoodSignature(at, trust_.log_key->key);
      sheet_.Unprove("statement-signatures", "ticks need the ledger's key", at.piece);
      return false;
    case IdentityRule::kHostKey:
    case IdentityRule::kOldHostKey:
      break;
  }
  sheet_.Disprove("signer-roles", "a statement that does not stand in the scope chain", at.piece);
  return false;
}

void PackScope::JudgeCatalogue(const ScopeEntry& entry) {
  Item at;
  at.entry = &entry;
  at.piece = "catalogue leaf " + std::to_string(entry.leaf.index);
  at.digest = entry.statement.StatementDigest();
  const absl::Status in_tree =
      ledger_.VerifyStatementLeaf(entry.leaf, at.digest, LeafKind::kCatalogue);
  if (!sheet_.Check("catalogue-known", in_tree, at.piece)) return;
  auto statement = ParseKindStatement(entry.statement.payload);
  if (!sheet_.Check("catalogue-known", statement.status(), at.piece)) return;
  at.statement = *std::move(statement);
  if (at.statement.kind != Kind::kCatalogue) {
    sheet_.Disprove("catalogue-known", at.piece + ": not a catalogue", at.piece);
    return;
  }
  if (!Signed(at)) return;
  auto value = CatalogueStatementFrom(at.statement.predicate);
  if (!Read(at, value, "catalogue-known")) return;
  const auto bytes = ReadBlob(read_, value->digest);
  if (!Read(at, bytes, "catalogue-known")) return;
  auto catalogue = ParseCatalogue(*bytes);
  if (!Read(at, catalogue, "catalogue-known")) return;
  if (catalogue->version != value->version) {
    sheet_.Disprove("catalogue-known", at.piece + ": its version is another", at.piece);
    return;
  }
  result_.published.emplace(at.digest, *std::move(catalogue));
  catalogue_statements_.emplace(at.digest, *std::move(value));
}

}  // namespace tom
