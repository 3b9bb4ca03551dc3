#include "collector/ingest/statement_desk.h"

#include "evidence/authority.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<LoggedStatement> StatementDesk::Submit(const Envelope& envelope,
                                                      std::vector<std::string> given) {
  BlobSet blobs(std::move(given));
  LoggedStatement logged;
  logged.digest = envelope.StatementDigest();
  const absl::Status status =
      sequencer_.Run([&](LedgerWriter& ledger) { return Judge(ledger, envelope, blobs, logged); });
  if (!status.ok()) return status;
  return logged;
}

absl::Status StatementDesk::Judge(LedgerWriter& ledger, const Envelope& envelope, BlobSet& blobs,
                                  LoggedStatement& logged) {
  // Who signed stands in the statement itself, so it is parsed before; nothing is done on its word.
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(envelope.payload));
  if (AuthorityOf(statement.kind).rule != IdentityRule::kCertificate) {
    return absl::PermissionDeniedError(
        ToAbsl("statement: nobody submits a " + std::string(KindName(statement.kind)) + " here"));
  }
  TOM_RETURN_IF_ERROR(CheckSigner(ledger, envelope, statement, blobs));
  const absl::StatusOr<StoredStatement> known = ledger.store().Statement(logged.digest);
  if (known.ok()) {
    logged.index = known->leaf;
    logged.duplicate = true;
    return absl::OkStatus();
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  TOM_RETURN_IF_ERROR(
      ApplyKindRules(ledger.store(), statement, logged.digest, ledger.received_at(), blobs));
  TOM_RETURN_IF_ERROR(blobs.Store(ledger.store()));
  TOM_ASSIGN_OR_RETURN(const StoredStatement stored,
                       ledger.AppendStatement(statement.kind, envelope, std::nullopt));
  logged.index = stored.leaf;
  return absl::OkStatus();
}

absl::Status StatementDesk::CheckSigner(LedgerWriter& ledger, const Envelope& envelope,
                                        const Statement& statement, BlobSet& blobs) {
  const Json* ledger_name = statement.predicate.Find("ledger");
  const Json* signer = statement.predicate.Find("signer");
  if (ledger_name == nullptr || !ledger_name->IsString() ||
      ledger_name->AsString() != sequencer_.origin()) {
    return BadData("predicate.ledger: not this ledger");
  }
  if (signer == nullptr || !signer->IsString()) return BadData("predicate.signer: missing");
  TOM_ASSIGN_OR_RETURN(const Digest digest, Digest::FromHex(signer->AsString()));
  TOM_ASSIGN_OR_RETURN(const std::string der, blobs.Need(ledger.store(), digest));
  const absl::Status good =
      VerifyCertificate(der, ca_der_, *AuthorityOf(statement.kind).purpose, ledger.received_at());
  if (!good.ok()) {
    return absl::PermissionDeniedError(ToAbsl("signer: " + std::string(good.message())));
  }
  if (statement.kind == Kind::kCatalogue && der != publisher_) {
    return absl::PermissionDeniedError("signer: not the publisher of the trust file");
  }
  TOM_ASSIGN_OR_RETURN(const CertificateInfo info, ReadCertificateDer(der));
  TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(info.spki));
  if (VerifyEnvelope(envelope, key).ok()) return absl::OkStatus();
  return absl::PermissionDeniedError("signature: not by the signer's key");
}

}  // namespace tom
