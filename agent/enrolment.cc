#include "agent/enrolment.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "agent/certificate_request.h"
#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/certificate.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxPendingBytes = 64 << 10;

// An enrolment that was signed: what a repeat sends again.
struct Unanswered {
  Digest token;  // of the secret
  std::string system;
  std::string ledger;
  std::string host;
  Envelope statement;
  std::string csr;
};

std::string PendingPath(const StateDir& state) { return state.File("enrolling.json"); }

std::string Encode(const Unanswered& pending) {
  return Canonical(Json::Object{{"csr", Base64Encode(pending.csr)},
                                {"host", pending.host},
                                {"ledger", pending.ledger},
                                {"statement", EnvelopeToJson(pending.statement)},
                                {"system", pending.system},
                                {"token", pending.token.Hex()}});
}

absl::StatusOr<Unanswered> ParseUnanswered(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "enrolling");
  Unanswered pending;
  pending.csr = fields.Bytes("csr");
  pending.host = fields.Hex("host", 32);
  pending.ledger = fields.String("ledger");
  const std::string statement = fields.String("statement");
  pending.system = fields.String("system");
  pending.token = fields.DigestOf("token");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(pending.statement, EnvelopeFromJson(statement));
  return pending;
}

absl::Status CheckBegin(const BeginAnswer& begin) {
  if (!IsLowerHex(begin.host, 32)) return BadData("the collector's host id is no id");
  if (!IsLowerHex(begin.authorisation, 64))
    return BadData("the collector's authorisation is no digest");
  if (begin.ledger.empty() || begin.ledger.size() > 255 || !IsUtf8(begin.ledger)) {
    return BadData("the collector names no ledger");
  }
  return absl::OkStatus();
}

absl::StatusOr<Unanswered> BeginAnew(const StateDir& state, const EnrolmentRequest& request,
                                     EnrolmentClient& client) {
  TOM_ASSIGN_OR_RETURN(const BeginAnswer begin, client.Begin(request.token.secret, request.system));
  TOM_RETURN_IF_ERROR(CheckBegin(begin));
  TOM_ASSIGN_OR_RETURN(const PrivateKey identity, state.KeyOrNew("identity.key"));
  TOM_ASSIGN_OR_RETURN(const PrivateKey tls, state.KeyOrNew("tls.key"));
  TOM_RETURN_IF_ERROR(state.SecretOrNew("salt.key").status());
  Enrolment enrolment;
  enrolment.common.ledger = begin.ledger;
  enrolment.common.salt = RandomId();
  TOM_ASSIGN_OR_RETURN(enrolment.authorisation, Digest::FromHex(begin.authorisation));
  enrolment.host = begin.host;
  enrolment.system = request.system;
  enrolment.spki = identity.public_key().spki();
  Unanswered pending{
      Sha256(request.token.secret), request.system, begin.ledger, begin.host, {}, {}};
  TOM_ASSIGN_OR_RETURN(
      pending.statement,
      SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), identity));
  TOM_ASSIGN_OR_RETURN(pending.csr, MakeCertificateRequest(tls, begin.host));
  TOM_RETURN_IF_ERROR(WriteAtomic(PendingPath(state), Encode(pending)));
  return pending;
}

// The unanswered enrolment of the same token and system, if there is one.
absl::StatusOr<std::optional<Unanswered>> LoadUnanswered(const StateDir& state,
                                                         const EnrolmentRequest& request) {
  absl::StatusOr<std::string> bytes = ReadStateFile(PendingPath(state), kMaxPendingBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Unanswered>();
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<Unanswered> pending = ParseUnanswered(*bytes);
  if (!pending.ok()) return Annotate(pending.status(), PendingPath(state));
  const bool same =
      pending->token == Sha256(request.token.secret) && pending->system == request.system;
  return same ? std::optional<Unanswered>(*std::move(pending)) : std::nullopt;
}

bool MayWorkLater(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status);
}

absl::Status CheckCertificate(const StateDir& state, const EnrolmentRequest& request,
                              const Unanswered& pending, const FinishAnswer& finish) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo info, ReadCertificateDer(finish.certificate));
  TOM_RETURN_IF_ERROR(
      VerifyCertificate(finish.certificate, finish.issuer, Purpose::kHostTls, request.now));
  TOM_ASSIGN_OR_RETURN(const PrivateKey tls, state.Key("tls.key"));
  if (info.spki != tls.public_key().spki()) return BadData("it is for another key");
  if (info.uris != std::vector<std::string>{HostUri(pending.host)}) {
    return BadData("it is not for the host " + pending.host);
  }
  return absl::OkStatus();
}

absl::Status CheckTrust(const EnrolmentRequest& request, const Unanswered& pending,
                        const std::string& bytes) {
  TOM_ASSIGN_OR_RETURN(const Trust trust, ParseTrust(bytes));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificatePem(trust.ca_pem));
  if (ca.der != request.ca_der) return BadData("it holds another CA than the token's");
  if (trust.origin != pending.ledger) return BadData("it speaks of another ledger");
  return absl::OkStatus();
}

absl::StatusOr<EnrolmentFacts> Store(const StateDir& state, const EnrolmentRequest& request,
                                     const Unanswered& pending, const FinishAnswer& finish) {
  absl::Status status = CheckCertificate(state, request, pending, finish);
  if (!status.ok()) return Annotate(status, "the certificate that the collector gave");
  status = CheckTrust(request, pending, finish.trust);
  if (!status.ok()) return Annotate(status, "the trust file that the collector gave");
  EnrolmentFacts facts{request.collector, finish.controllers, pending.host, pending.ledger,
                       pending.system};
  std::sort(facts.controllers.begin(), facts.controllers.end());
  const std::string encoded = EncodeEnrolmentFacts(facts);
  status = ParseEnrolmentFacts(encoded).status();
  if (!status.ok()) return Annotate(status, "the controllers that the collector gave");
  TOM_RETURN_IF_ERROR(WriteAtomic(state.File("tls.pem"), DerToPem(finish.certificate)));
  TOM_RETURN_IF_ERROR(WriteAtomic(state.File("trust.json"), finish.trust));
  TOM_RETURN_IF_ERROR(WriteAtomic(state.File("enrolment.json"), encoded));
  TOM_RETURN_IF_ERROR(RemoveFile(PendingPath(state)));
  return facts;
}

}  // namespace

absl::StatusOr<EnrolmentFacts> Enrol(const StateDir& state, const EnrolmentRequest& request,
                                     EnrolmentClient& client) {
  const absl::StatusOr<EnrolmentFacts> before = LoadEnrolmentFacts(state);
  if (before.ok()) {
    return absl::FailedPreconditionError(state.path() + ": already enrolled as host " +
                                         before->host + " in the ledger " + before->ledger);
  }
  if (!absl::IsFailedPrecondition(before.status())) return before.status();
  TOM_ASSIGN_OR_RETURN(std::optional<Unanswered> pending, LoadUnanswered(state, request));
  if (pending) {
    const auto again = client.Finish(request.token.secret, pending->statement, pending->csr);
    if (again.ok()) return Store(state, request, *pending, *again);
    if (MayWorkLater(again.status())) return again.status();
    TOM_RETURN_IF_ERROR(RemoveFile(PendingPath(state)));
  }
  TOM_ASSIGN_OR_RETURN(const Unanswered fresh, BeginAnew(state, request, client));
  TOM_ASSIGN_OR_RETURN(const FinishAnswer finish,
                       client.Finish(request.token.secret, fresh.statement, fresh.csr));
  return Store(state, request, fresh, finish);
}

}  // namespace tom
