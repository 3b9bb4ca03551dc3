#include "collector/ingest/enrolment.h"

#include <fnmatch.h>

#include "evidence/limits.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTokenBytes = 256;
constexpr int64_t kTlsDays = 365;

absl::StatusOr<AuthorisationRow> FindToken(const StoreView& view, const Digest& token) {
  absl::StatusOr<AuthorisationRow> found = view.AuthorisationByToken(token);
  if (absl::IsNotFound(found.status())) return absl::UnauthenticatedError("token: not known");
  return found;
}

absl::Status CheckUsable(const AuthorisationRow& authorisation, const std::string& system,
                         UnixSeconds now) {
  if (now >= authorisation.expires) {
    return absl::PermissionDeniedError(
        ToAbsl("token expired at " + FormatUtc(authorisation.expires)));
  }
  if (authorisation.spent >= authorisation.uses) {
    return absl::PermissionDeniedError("token spent");
  }
  if (system.empty() || system.size() > limits::kMaxStringBytes ||
      system.find('\0') != std::string::npos ||
      fnmatch(authorisation.systems.c_str(), system.c_str(), 0) != 0) {
    return absl::PermissionDeniedError("token: does not cover system " + system);
  }
  return absl::OkStatus();
}

// Opaque to others, and the same for everybody who asks at this moment: nothing has to be
// remembered between Begin and Finish, and a token's holder cannot choose an id.
absl::StatusOr<std::string> HostIdFor(const StoreView& view, const Digest& authorisation,
                                      const std::string& system) {
  TOM_ASSIGN_OR_RETURN(const std::string key, view.Setting("host_id_key"));
  TOM_ASSIGN_OR_RETURN(const int64_t earlier, view.EnrolledUnder(authorisation, system));
  std::string message(authorisation.Raw());
  message += system;
  message += '\0';
  message += std::to_string(earlier);
  return Hmac16Hex(key, message);
}

// The enrolment as it stands in a statement signed with the key that it names.
absl::StatusOr<Enrolment> ReadEnrolment(const Envelope& envelope) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(envelope.payload));
  if (statement.kind != Kind::kEnrolment) return BadData("enrolment: another kind of statement");
  TOM_ASSIGN_OR_RETURN(Enrolment enrolment, EnrolmentFrom(statement.predicate));
  const absl::StatusOr<PublicKey> key = PublicKey::FromSpki(enrolment.spki);
  if (!key.ok()) return Annotate(key.status(), "predicate.spki");
  if (key->kind() != KeyKind::kP256) return BadData("predicate.spki: not a P-256 key");
  const absl::Status verified = VerifyEnvelope(envelope, *key);
  if (verified.ok()) return enrolment;
  return absl::PermissionDeniedError("enrolment: not signed with the key it names");
}

absl::Status CheckEnrolment(const StoreView& view, const Enrolment& enrolment,
                            const AuthorisationRow& authorisation, const std::string& origin) {
  if (enrolment.common.ledger != origin) return BadData("predicate.ledger: another ledger's");
  if (enrolment.authorisation != authorisation.digest) {
    return BadData("predicate.authorisation: not the token's");
  }
  TOM_ASSIGN_OR_RETURN(const std::string expected,
                       HostIdFor(view, authorisation.digest, enrolment.system));
  if (enrolment.host != expected) {
    return absl::AbortedError("predicate.host: not the id given for this system; begin again");
  }
  TOM_ASSIGN_OR_RETURN(const std::vector<HostRow> hosts, view.Hosts());
  for (const HostRow& host : hosts) {
    if (host.identity_spki == enrolment.spki) {
      return absl::AlreadyExistsError("predicate.spki: the key of host " + host.host);
    }
  }
  return absl::OkStatus();
}

// An enrolment that was logged before: the same answer, or none.
absl::Status Repeat(const HostRow& host, const std::string& tls_key, EnrolmentGrant& grant) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo certificate, ReadCertificateDer(host.tls_certificate));
  if (certificate.spki != tls_key) {
    return absl::AlreadyExistsError("csr: this enrolment was certified for another TLS key");
  }
  grant = {host.tls_certificate, host.controllers};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EnrolmentOffer> EnrolmentDesk::Begin(const std::string& token,
                                                    const std::string& system) {
  if (token.size() > kMaxTokenBytes) return absl::UnauthenticatedError("token: not known");
  EnrolmentOffer offer;
  const auto ask = [&](const StoreView& view) -> absl::Status {
    TOM_ASSIGN_OR_RETURN(const AuthorisationRow authorisation, FindToken(view, Sha256(token)));
    TOM_RETURN_IF_ERROR(CheckUsable(authorisation, system, sequencer_.Now()));
    offer.authorisation = authorisation.digest;
    TOM_ASSIGN_OR_RETURN(offer.host, HostIdFor(view, authorisation.digest, system));
    return absl::OkStatus();
  };
  const absl::Status status = store_.Read(ask);
  if (!status.ok()) return status;
  return offer;
}

absl::StatusOr<std::string> EnrolmentDesk::Certify(const std::string& host,
                                                   const std::string& tls_key) const {
  CertificateRequest request;
  request.purpose = Purpose::kHostTls;
  request.common_name = host;
  request.uris = {HostUri(host)};
  request.spki = tls_key;
  request.not_before = sequencer_.Now();
  request.days = kTlsDays;
  return IssueCertificate(issuer_, request);
}

absl::StatusOr<EnrolmentGrant> EnrolmentDesk::Finish(const std::string& token,
                                                     const Envelope& statement,
                                                     const std::string& csr) {
  if (token.size() > kMaxTokenBytes) return absl::UnauthenticatedError("token: not known");
  TOM_ASSIGN_OR_RETURN(const std::string tls_key, KeyOfCsr(csr));
  EnrolmentGrant grant;
  const absl::Status status = sequencer_.Run([&](LedgerWriter& ledger) {
    return Enrol(ledger, Sha256(token), statement, tls_key, grant);
  });
  if (!status.ok()) return status;
  return grant;
}

absl::Status EnrolmentDesk::Enrol(LedgerWriter& ledger, const Digest& token,
                                  const Envelope& statement, const std::string& tls_key,
                                  EnrolmentGrant& grant) {
  StoreTransaction& store = ledger.store();
  TOM_ASSIGN_OR_RETURN(const AuthorisationRow authorisation, FindToken(store, token));
  TOM_ASSIGN_OR_RETURN(const Enrolment enrolment, ReadEnrolment(statement));
  const absl::StatusOr<HostRow> known = store.HostByEnrolment(statement.StatementDigest());
  if (known.ok()) return Repeat(*known, tls_key, grant);
  if (!absl::IsNotFound(known.status())) return known.status();
  TOM_RETURN_IF_ERROR(CheckUsable(authorisation, enrolment.system, ledger.received_at()));
  TOM_RETURN_IF_ERROR(CheckEnrolment(store, enrolment, authorisation, sequencer_.origin()));
  if (tls_key == enrolment.spki) return BadData("csr: the TLS key must not be the identity key");
  TOM_RETURN_IF_ERROR(store.SpendAuthorisation(authorisation.digest));
  TOM_ASSIGN_OR_RETURN(const StoredStatement logged,
                       ledger.AppendStatement(Kind::kEnrolment, statement, std::nullopt));
  HostRow host;
  host.host = enrolment.host;
  host.system = enrolment.system;
  host.kind = authorisation.kind;
  host.controllers = authorisation.controllers;
  host.identity_spki = enrolment.spki;
  host.authorisation = authorisation.digest;
  host.enrolment = logged.digest;
  host.enrolled_leaf = logged.leaf;
  TOM_ASSIGN_OR_RETURN(host.tls_certificate, Certify(host.host, tls_key));
  TOM_RETURN_IF_ERROR(store.AddHost(host));
  grant = {host.tls_certificate, host.controllers};
  return absl::OkStatus();
}

}  // namespace tom
