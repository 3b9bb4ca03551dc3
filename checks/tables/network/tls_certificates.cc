// The certificates that declared endpoints and this host's listeners send, judged off-line: one row
// for each kind of key, since a server may have an RSA and an ECDSA certificate, and one without a
// certificate for an endpoint that showed none. The names are those of the extension alone, never
// of the subject. Asked together with tls_endpoints.
#include <memory>

#include "checks/engine/table.h"
#include "checks/parse/certificate_details.h"
#include "checks/tables/certificate_judge.h"
#include "checks/tables/tls_look.h"
#include "checks/tables/tls_touches.h"

namespace tom {
namespace {

Value TimeOrNull(const std::optional<UnixSeconds>& time) {
  return time ? Value(FormatUtc(*time)) : Value();
}

ValueRow EndpointCells(const TlsLooked& looked) {
  const TlsTarget& target = looked.target;
  return {target.host,
          target.target.port,
          target.server_name,
          StarttlsOf(looked),
          std::string(target.declared ? "declared" : "discovered"),
          target.reach,
          looked.findings.outcome};
}

constexpr size_t kCertificateCells = 26;

ValueRow CertificateCells(const std::vector<std::string>& chain, const CertificateFacts& facts) {
  const auto details = ReadCertificate(chain[0]);
  if (!details) return ValueRow(kCertificateCells);
  return {TextOrNull(details->common_name),
          details->subject,
          details->issuer,
          TextOrNull(details->names),
          details->serial,
          details->sha256,
          TimeOrNull(details->not_before),
          TimeOrNull(details->not_after),
          details->not_after ? Value(int64_t{*details->not_after}) : Value(),
          details->not_after ? Value(facts.days_left) : Value(),
          TextOrNull(details->key_type),
          details->key_type.empty() ? Value() : Value(details->key_bits),
          TextOrNull(details->key_curve),
          int64_t{facts.weak_key ? 1 : 0},
          TextOrNull(details->signature_algorithm),
          int64_t{facts.weak_signature ? 1 : 0},
          TextOrNull(facts.weak_signature_of),
          int64_t{details->self_signed ? 1 : 0},
          int64_t{details->ca ? 1 : 0},
          static_cast<int64_t>(chain.size()),
          NumberOrNull(facts.chain_complete),
          TextOrNull(facts.chain_error),
          TextOrNull(facts.root),
          NumberOrNull(facts.valid),
          TextOrNull(facts.error),
          NumberOrNull(facts.name_matches)};
}

absl::Status GenerateTlsCertificates(Env& env, const TableContext& context, RowSink& sink) {
  const TlsLook look = LookAtTls(env, context.declared);
  for (const std::string& reason : look.incomplete) sink.Incomplete(reason);
  CertificateJudge judge(env);
  for (const TlsLooked& looked : look.endpoints) {
    std::vector<ValueRow> certificates;
    std::string error = looked.findings.error;
    for (const auto& chain : looked.findings.chains) {
      const CertificateFacts facts =
          judge.Judge(chain, NameToMatch(looked.target), looked.target.ca_file);
      certificates.push_back(CertificateCells(chain, facts));
      if (error.empty() && !facts.valid.has_value()) error = facts.error;
    }
    if (certificates.empty()) certificates.emplace_back(kCertificateCells);
    for (ValueRow& cells : certificates) {
      ValueRow row = EndpointCells(looked);
      row.push_back(TextOrNull(error));
      row.insert(row.end(), cells.begin(), cells.end());
      if (!sink.AddRow(std::move(row))) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Column Number(std::string name, std::string description) {
  return {
      .name = std::move(name), .type = ColumnType::kInteger, .description = std::move(description)};
}

std::vector<Column> Columns() {
  return {Text("host", "As declared, or the address at which the listener was asked"),
          Number("port", "TCP port"),
          Text("server_name", "Name sent and looked for in the certificate"),
          Text("starttls", "Protocol that turns to TLS; none = TLS from the start"),
          Text("source", "declared or discovered"),
          Text("reach", "As in tls_endpoints"),
          Text("outcome", "As in tls_endpoints"),
          Text("error", "Why something is not known"),
          Text("common_name", "Of the subject; it counts for nothing"),
          Text("subject", "Whom it was issued to, RFC 2253; NULL: none was seen"),
          Text("issuer", "Who has issued it"),
          Text("names", "Whom it is good for: subjectAltName"),
          Text("serial", "Serial number, hexadecimal"),
          Text("sha256", "Of the whole certificate, hexadecimal"),
          Text("not_before", "Beginning of its validity"),
          Text("not_after", "End of its validity"),
          {.name = "not_after_unix",
           .type = ColumnType::kBigint,
           .description = "not_after in seconds since 1970"},
          Number("days_left", "Whole days until not_after"),
          Text("key_type", "RSA, EC, ED25519, ED448, ...; NULL: it cannot be read"),
          Number("key_bits", "Size of the key"),
          Text("key_curve", "Of EC"),
          Number("weak_key", "1: below RSA 2048 or P-256"),
          Text("signature_algorithm", "Of this certificate"),
          Number("weak_signature", "1: SHA-1 or older in the chain, roots apart"),
          Text("weak_signature_of", "The first certificate of the chain that is signed so"),
          Number("self_signed", "1: signed by its own key"),
          Number("ca", "1: it may issue certificates itself"),
          Number("chain_length", "Certificates sent, its own too"),
          Number("chain_complete",
                 "1: what was sent leads to an authority of the endpoint's ca_file, or else of the "
                 "system; NULL: the authorities cannot be read"),
          Text("chain_error", "What is missing"),
          Text("root", "The authority that it leads to"),
          Number("certificate_valid", "1: a chain, in its dates, strong enough; the name apart"),
          Text("certificate_error", "Everything that is wrong with it"),
          Number("name_matches", "1: it is for the name; NULL: no name is known")};
}

}  // namespace

Table tls_certificates_table() {
  return {.name = "tls_certificates",
          .description = "Certificates that endpoints and listeners send, judged off-line",
          .columns = Columns(),
          .generate = GenerateTlsCertificates,
          .touches = TlsTouches};
}

}  // namespace tom
