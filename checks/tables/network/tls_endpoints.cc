// What every declared endpoint and every TCP listener of this host speaks, asked by connecting.
//
// Facts only. `weakest_rank` is NULL wherever a version below the weakest accepted one is not known
// to be refused; `accepted_rank` is what was seen all the same. A constraint of a query never
// decides what is connected to: targets come from configuration and from the kernel.
#include <memory>

#include "checks/engine/table.h"
#include "checks/tables/certificate_judge.h"
#include "checks/tables/tls_endpoint_probe.h"
#include "checks/tables/tls_targets.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Probed {
  TlsTarget target;
  std::string outcome;  // where it was not asked
  std::string error;
  std::unique_ptr<TlsEndpointProbe> probe;
};

Value Known(const std::optional<bool>& fact) {
  return fact ? Value(int64_t{*fact ? 1 : 0}) : Value();
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

// What a server that speaks before it listens seems to be. Those that may turn to TLS by STARTTLS
// or a handshake of their own are told from those that may not.
std::string ProtocolOf(std::string_view first) {
  if (first.empty()) return "";
  if (first.starts_with("SSH-")) return "ssh";
  if (first.starts_with("HTTP/") || first.starts_with("<!DOCTYPE") || first.starts_with("<html")) {
    return "http";
  }
  if (first.starts_with("220")) return "smtp_or_ftp";
  if (first.starts_with("* OK") || first.starts_with("* PREAUTH")) return "imap";
  if (first.starts_with("+OK")) return "pop3";
  if (first.starts_with("RFB ")) return "vnc";
  if (first.size() > 5 && first[3] == '\0' && first[4] == '\x0A') return "mysql";
  return "other";
}

Probed Prepare(const TcpPolicy& policy, TlsTarget target, TlsHandshaker& handshaker) {
  Probed probed;
  if (!target.problem.empty()) {
    probed.outcome = "not_resolved";
    probed.error = target.problem;
  } else if (IsExcluded(policy, target.target)) {
    probed.outcome = "excluded";
    probed.error = "not asked: excluded by probe.exclude";
  } else if (target.starttls != "none") {
    probed.outcome = "unsupported";
    probed.error = "not asked: STARTTLS of " + target.starttls + " is not spoken here";
  } else {
    const bool thorough = target.declared || target.reach != "loopback";
    probed.probe =
        std::make_unique<TlsEndpointProbe>(target.target, target.sni, thorough, handshaker);
  }
  probed.target = std::move(target);
  return probed;
}

absl::Status Ask(Env& env, const TcpPolicy& policy, std::vector<Probed>& all) {
  std::vector<TcpConversation*> conversations;
  for (const Probed& probed : all) {
    if (probed.probe != nullptr) conversations.push_back(probed.probe.get());
  }
  return env.ProbeTcp(policy, conversations);
}

// A listener on all addresses of IPv6 takes IPv4 too, and a host may have no ::1.
void AskOverIp4(Env& env, TcpPolicy policy, std::vector<Probed>& all, TlsHandshaker& handshaker) {
  policy.total_ms /= 4;  // of what the check may take the most is gone
  std::vector<TcpConversation*> conversations;
  for (Probed& probed : all) {
    if (probed.probe == nullptr || probed.target.declared || probed.target.reach != "any") continue;
    if (probed.target.host != "::1" || probed.probe->findings().outcome != "unreachable") continue;
    probed.target.host = probed.target.target.address = "127.0.0.1";
    probed.probe = std::make_unique<TlsEndpointProbe>(probed.target.target, "", true, handshaker);
    conversations.push_back(probed.probe.get());
  }
  if (!conversations.empty()) static_cast<void>(env.ProbeTcp(policy, conversations));
}

// 1 where something answered, in TLS or not; 0 where nothing did; NULL where nobody asked.
Value Reachable(const std::string& outcome) {
  if (outcome == "tls" || outcome == "not_tls" || outcome == "refused" || outcome == "garbled") {
    return int64_t{1};
  }
  if (outcome == "silent" || outcome == "closed" || outcome == "reset" ||
      outcome == "unreachable") {
    return int64_t{0};
  }
  return Value();
}

Value PlaintextAllowed(const std::string& outcome) {
  if (outcome == "tls") return int64_t{0};
  if (outcome == "not_tls") return int64_t{1};
  return Value();
}

std::string Join(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

Value ForwardSecrecy(const TlsFindings& findings) {
  if (findings.static_key) return int64_t{0};
  return findings.suites_known ? Value(int64_t{1}) : Value();
}

Value WeakCiphers(const TlsFindings& findings) {
  const bool known = findings.suites_known || !findings.weak_suites.empty();
  return known ? Value(Join(findings.weak_suites)) : Value();
}

// The worst of an endpoint's certificates: it has one for each kind of key.
CertificateFacts WorstCertificate(CertificateJudge& judge, const TlsTarget& target,
                                  const TlsFindings& findings) {
  const std::string name = !target.server_name.empty() ? target.server_name
                           : target.declared           ? target.host
                                                       : "";
  CertificateFacts worst;
  for (const auto& chain : findings.chains) {
    const bool first = &chain == &findings.chains.front();
    CertificateFacts facts = judge.Judge(chain, name, target.ca_file);
    const auto badness = [](const CertificateFacts& one) {
      return (one.valid.value_or(false) ? 0 : 4) + (one.name_matches.value_or(true) ? 0 : 4) +
             (one.weak_key ? 2 : 0) + (one.weak_signature ? 2 : 0);
    };
    const bool worse = badness(facts) > badness(worst) ||
                       (badness(facts) == badness(worst) && facts.not_after < worst.not_after);
    if (first || worse) worst = std::move(facts);
  }
  return worst;
}

ValueRow CertificateCells(const CertificateFacts& facts, bool seen) {
  if (!seen) return ValueRow(12);
  return {Known(facts.valid),
          facts.error,
          facts.not_after != 0 ? Value(FormatUtc(facts.not_after)) : Value(),
          facts.not_after != 0 ? Value(facts.days_left) : Value(),
          Known(facts.name_matches),
          TextOrNull(facts.key_type),
          facts.key_bits,
          int64_t{facts.weak_key ? 1 : 0},
          TextOrNull(facts.signature_algorithm),
          int64_t{facts.weak_signature ? 1 : 0},
          int64_t{facts.self_signed ? 1 : 0},
          facts.not_after != 0 ? Value(int64_t{facts.not_after}) : Value()};
}

ValueRow Row(const Probed& probed, CertificateJudge& judge) {
  const TlsFindings none;
  const TlsFindings& findings = probed.probe != nullptr ? probed.probe->findings() : none;
  const TlsEvidence& evidence = findings.evidence;
  const std::string outcome = probed.outcome.empty() ? findings.outcome : probed.outcome;
  const std::string error = probed.outcome.empty() ? findings.error : probed.error;
  const auto weakest = evidence.Weakest();
  const auto strongest = evidence.Strongest();
  const Value rank = weakest ? Value(int64_t{TlsRank(*weakest)}) : Value();
  const Value weakest_name = weakest ? Value(std::string(TlsVersionName(*weakest))) : Value();
  const Value strongest_name = strongest ? Value(std::string(TlsVersionName(*strongest))) : Value();
  const TlsTarget& target = probed.target;
  ValueRow row = {
      target.host,
      target.target.port,
      target.server_name,
      target.starttls,
      Reachable(outcome),
      outcome,
      TextOrNull(evidence.Accepted()),
      weakest_name,
      evidence.WeakestIsSure() ? rank : Value(),
      strongest_name,
      WeakCiphers(findings),
      ForwardSecrecy(findings),
      PlaintextAllowed(outcome),
      Known(findings.client_certificate),
      TextOrNull(error),
      std::string(target.declared ? "declared" : "discovered"),
      findings.handshake_ms >= 0 ? Value(findings.handshake_ms) : Value(),
      target.target.address,
      target.reach,
      TextOrNull(ProtocolOf(findings.first)),
      rank,
      findings.default_host ? Value(std::string(TlsVersionName(*findings.default_host))) : Value(),
      int64_t{findings.connections}};
  const ValueRow certificate =
      CertificateCells(WorstCertificate(judge, target, findings), !findings.chains.empty());
  row.insert(row.end(), certificate.begin(), certificate.end());
  return row;
}

absl::Status GenerateTlsEndpoints(Env& env, const TableContext& context, RowSink& sink) {
  const TcpPolicy policy = PolicyOf(context.declared);
  TlsTargets found = FindTlsTargets(env, context.declared);
  for (const std::string& reason : found.incomplete) sink.Incomplete(reason);
  TlsHandshaker handshaker;
  std::vector<Probed> all;
  for (TlsTarget& target : found.targets) {
    all.push_back(Prepare(policy, std::move(target), handshaker));
  }
  const absl::Status asked = Ask(env, policy, all);
  if (asked.ok()) AskOverIp4(env, policy, all, handshaker);
  CertificateJudge judge(env);
  for (Probed& probed : all) {
    if (!asked.ok() && probed.outcome.empty()) {
      probed.outcome = "not_asked";
      probed.error = "not asked: " + std::string(asked.message());
    }
    if (!sink.AddRow(Row(probed, judge))) break;
  }
  return absl::OkStatus();
}

Column Text(std::string name, std::string description, bool hidden = false) {
  return {.name = std::move(name), .description = std::move(description), .hidden = hidden};
}

Column Number(std::string name, std::string description, bool hidden = false) {
  return {.name = std::move(name),
          .type = ColumnType::kInteger,
          .description = std::move(description),
          .hidden = hidden};
}

std::vector<Column> ShownColumns() {
  return {
      Text("host", "As declared, or the address at which the listener was asked"),
      Number("port", "TCP port"),
      Text("server_name", "Name sent and looked for in the certificate"),
      Text("starttls", "Protocol that turns to TLS, as declared; none = TLS from the start"),
      Number("reachable", "1: something answered, in TLS or not; 0: nothing did; NULL: not asked"),
      Text("outcome",
           "tls, not_tls, refused (TLS, but every hello), garbled, silent, closed, reset, "
           "unreachable, excluded, unsupported, not_resolved, forbidden, not_asked"),
      Text("versions", "Accepted versions, weakest first, blank-separated"),
      Text("weakest_version", "Weakest version seen to be accepted"),
      Number("weakest_rank",
             "tls_rank of the weakest version; NULL where a weaker one is not known to be "
             "refused"),
      Text("strongest_version", "Strongest version accepted"),
      Text("weak_ciphers",
           "Accepted suites with NULL, anonymous, export, RC2, RC4, DES, 3DES or IDEA, one for "
           "each kind; empty: none; NULL: not known"),
      Number("forward_secrecy",
             "1: every accepted suite has it; 0: one without it is accepted; NULL: not known"),
      Number("plaintext_allowed", "1: it answers in plain text; 0: TLS alone; NULL: not known"),
      Number("client_certificate", "1: it asks for a client's certificate"),
      Text("error", "Why something is not known"),
      Text("source", "declared or discovered"),
      Number("handshake_ms", "Milliseconds from connecting to the first version chosen")};
}

std::vector<Column> HiddenColumns() {
  return {
      Text("address", "Numeric address that was asked", true),
      Text("reach",
           "What a discovered listener is bound to: any, loopback, private, public, "
           "link_local; loopback or declared for a declared endpoint",
           true),
      Text("protocol",
           "By its first bytes, where it is not TLS: ssh, http, smtp_or_ftp, imap, pop3, "
           "mysql, vnc, other",
           true),
      Number("accepted_rank", "tls_rank of the weakest version seen to be accepted", true),
      Text("default_host_version", "Accepted without a server name, below TLSv1.2", true),
      Number("connections", "Connections made to find all this out", true),
      Number("certificate_valid",
             "1: a chain to an authority, in its dates, strong enough; the name apart", true),
      Text("certificate_error", "Everything that is wrong with the certificate", true),
      Text("not_after", "End of the certificate's validity", true),
      Number("days_left", "Whole days until not_after", true),
      Number("name_matches", "1: the certificate is for the name; NULL: no name is known", true),
      Text("key_type", "RSA, EC, ED25519, ED448, ...", true),
      Number("key_bits", "Size of the key", true),
      Number("weak_key", "1: below RSA 2048 or P-256", true),
      Text("signature_algorithm", "Of the server's certificate", true),
      Number("weak_signature", "1: SHA-1 or older in the chain, roots apart", true),
      Number("self_signed", "1: signed by its own key", true),
      {.name = "not_after_unix",
       .type = ColumnType::kBigint,
       .description = "not_after in seconds since 1970",
       .hidden = true}};
}

}  // namespace

Table tls_endpoints_table() {
  std::vector<Column> columns = ShownColumns();
  std::vector<Column> hidden = HiddenColumns();
  for (Column& column : hidden) columns.push_back(std::move(column));
  return {
      .name = "tls_endpoints",
      .description = "What declared endpoints and this host's listeners speak, asked by connecting",
      .columns = std::move(columns),
      .generate = GenerateTlsEndpoints};
}

}  // namespace tom
