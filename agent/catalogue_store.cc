#include "agent/catalogue_store.h"

#include <optional>

#include "agent/state_file.h"
#include "evidence/certificate.h"
#include "evidence/limits.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxEnvelopeBytes = 64 << 10;

std::string CataloguePath(const StateDir& state) { return state.File("catalogue"); }

// The publisher's certificate that came along is the pinned one and still good for its purpose.
absl::Status CheckPublisher(const Trust& trust, const std::string& shown, UnixSeconds now) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo pinned, ReadCertificatePem(trust.publisher_pem));
  if (pinned.der != shown) {
    return absl::PermissionDeniedError("the catalogue comes with another publisher's certificate");
  }
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificatePem(trust.ca_pem));
  return VerifyCertificate(pinned.der, ca.der, Purpose::kPublisher, now);
}

absl::Status CheckSuccession(const std::optional<HeldCatalogue>& held, const HeldCatalogue& offered,
                             UnixSeconds now) {
  if (offered.expires <= now) {
    return absl::FailedPreconditionError("the catalogue expired at " + FormatUtc(offered.expires));
  }
  if (!held || offered.version > held->version) return absl::OkStatus();
  if (offered.version == held->version && offered.bytes == held->bytes) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the catalogue's version " + std::to_string(offered.version) + " does not follow version " +
      std::to_string(held->version) + ", which is held");
}

}  // namespace

absl::StatusOr<HeldCatalogue> JudgeCatalogue(const Envelope& statement, std::string bytes,
                                             const Trust& trust) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo publisher, ReadCertificatePem(trust.publisher_pem));
  TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(publisher.spki));
  TOM_RETURN_IF_ERROR(VerifyEnvelope(statement, key));
  TOM_ASSIGN_OR_RETURN(const Statement parsed, ParseKindStatement(statement.payload));
  if (parsed.kind != Kind::kCatalogue) return BadData("it is no catalogue statement");
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement said, CatalogueStatementFrom(parsed.predicate));
  if (said.common.ledger != trust.origin)
    return BadData("it is for the ledger " + said.common.ledger);
  if (said.common.signer != publisher.Fingerprint()) return BadData("it names another signer");
  if (bytes.size() > limits::kMaxCatalogueBytes) return BadData("it is over 8 MiB");
  if (Sha256(bytes) != said.digest) return BadData("it is not what the publisher signed");
  HeldCatalogue held{statement.StatementDigest(), said.version, said.expires, statement, {}, {}};
  TOM_ASSIGN_OR_RETURN(held.catalogue, ParseCatalogue(bytes));
  if (held.catalogue.version != said.version) return BadData("its version is not the statement's");
  held.bytes = std::move(bytes);
  return held;
}

absl::StatusOr<HeldCatalogue> LoadCatalogue(const StateDir& state, const Trust& trust) {
  const std::string path = CataloguePath(state);
  TOM_ASSIGN_OR_RETURN(const std::string file,
                       ReadStateFile(path, limits::kMaxCatalogueBytes + kMaxEnvelopeBytes));
  const size_t newline = file.find('\n');
  if (newline == std::string::npos) return absl::DataLossError(path + ": is torn");
  absl::StatusOr<Envelope> envelope = EnvelopeFromJson(std::string_view(file).substr(0, newline));
  if (!envelope.ok()) return Annotate(envelope.status(), path);
  absl::StatusOr<HeldCatalogue> held = JudgeCatalogue(*envelope, file.substr(newline + 1), trust);
  if (!held.ok()) return Annotate(held.status(), path);
  return held;
}

absl::StatusOr<HeldCatalogue> UpdateCatalogue(const StateDir& state, const Trust& trust,
                                              ReportingClient& client, UnixSeconds now) {
  std::optional<HeldCatalogue> held;
  absl::StatusOr<HeldCatalogue> loaded = LoadCatalogue(state, trust);
  if (loaded.ok()) {
    held = *std::move(loaded);
  } else if (!absl::IsNotFound(loaded.status())) {
    return loaded.status();
  }
  TOM_ASSIGN_OR_RETURN(CatalogueAnswer answer,
                       client.GetCatalogue(held ? std::optional(held->statement) : std::nullopt));
  if (answer.unchanged) {
    if (held) return *std::move(held);
    return BadData("the collector calls a catalogue unchanged that was never delivered");
  }
  TOM_RETURN_IF_ERROR(CheckPublisher(trust, answer.publisher, now));
  absl::StatusOr<HeldCatalogue> offered =
      JudgeCatalogue(answer.statement, std::move(answer.catalogue), trust);
  if (!offered.ok()) return Annotate(offered.status(), "the catalogue that the collector offers");
  TOM_RETURN_IF_ERROR(CheckSuccession(held, *offered, now));
  TOM_RETURN_IF_ERROR(
      WriteAtomic(CataloguePath(state), EnvelopeToJson(offered->envelope) + "\n" + offered->bytes));
  return offered;
}

}  // namespace tom
