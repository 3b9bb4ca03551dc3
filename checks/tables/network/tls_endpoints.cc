// What every declared endpoint and every TCP listener of this host speaks, asked by connecting.
//
// Facts only. `weakest_rank` is NULL wherever a version below the weakest accepted one is not known
// to be refused; `accepted_rank` is what was seen all the same. A constraint of a query never
// decides what is connected to: targets come from configuration and from the kernel.
#include <algorithm>
#include <iterator>
#include <memory>

#include "checks/engine/table.h"
#include "checks/tables/certificate_judge.h"
#include "checks/tables/tls_look.h"
#include "checks/tables/tls_touches.h"
#include "evidence/status_text.h"

namespace tom {

Table tls_endpoints_table();

namespace {

// What it speaks, where it is not TLS from the start: of its STARTTLS, or by its first bytes.
std::string ProtocolOf(const TlsFindings& findings) {
  if (findings.starttls && !findings.starttls_end.empty()) {
    return std::string(StarttlsName(*findings.starttls));
  }
  const std::string_view first = findings.first;
  if (first.empty()) return "";
  if (first.starts_with("SSH-")) return "ssh";
  if (first.starts_with("HTTP/") || first.starts_with("<!DOCTYPE") || first.starts_with("<html")) {
    return "http";
  }
  if (first.starts_with("RFB ")) return "vnc";
  const auto greeting = StarttlsProtocolOfGreeting(first);
  return greeting ? std::string(StarttlsName(*greeting)) : "other";
}

// 1 where something answered, in TLS or not; 0 where nothing did; NULL where nobody asked.
Value Reachable(const std::string& outcome) {
  for (const char* answered :
       {"tls", "not_tls", "refused", "garbled", "no_starttls", "turned_away"}) {
    if (outcome == answered) return int64_t{1};
  }
  if (outcome == "silent" || outcome == "closed" || outcome == "reset" ||
      outcome == "unreachable") {
    return int64_t{0};
  }
  return Value();
}

Value PlaintextAllowed(const std::string& outcome, const TlsFindings& findings) {
  const bool at_once = findings.starttls_end.empty() || findings.starttls_end == "at_once";
  if (!at_once) return NumberOrNull(findings.plaintext);
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
  CertificateFacts worst;
  for (const auto& chain : findings.chains) {
    const bool first = &chain == &findings.chains.front();
    CertificateFacts facts = judge.Judge(chain, NameToMatch(target), target.ca_file);
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
  return {NumberOrNull(facts.valid),
          facts.error,
          facts.not_after != 0 ? Value(FormatUtc(facts.not_after)) : Value(),
          facts.not_after != 0 ? Value(facts.days_left) : Value(),
          NumberOrNull(facts.name_matches),
          TextOrNull(facts.key_type),
          facts.key_bits,
          int64_t{facts.weak_key ? 1 : 0},
          TextOrNull(facts.signature_algorithm),
          int64_t{facts.weak_signature ? 1 : 0},
          int64_t{facts.self_signed ? 1 : 0},
          facts.not_after != 0 ? Value(int64_t{facts.not_after}) : Value()};
}

// What was asked beside versions and suites.
ValueRow MoreCells(const TlsLooked& looked) {
  const TlsFindings& findings = looked.findings;
  Value default_rank;
  if (findings.default_host_known) {
    default_rank = int64_t{TlsRank(findings.default_host.value_or(TlsVersion::kTls12))};
  }
  const bool in_the_clear = !findings.starttls_end.empty();
  return {default_rank,
          NumberOrNull(findings.dhe),
          findings.dh_bits > 0 ? Value(int64_t{findings.dh_bits}) : Value(),
          findings.alpn ? Value(*findings.alpn) : Value(),
          TextOrNull(findings.starttls_end),
          TextOrNull(findings.plaintext_text),
          in_the_clear ? Value(int64_t{findings.injected ? 1 : 0}) : Value(),
          looked.asked_at != 0 ? Value(FormatUtc(looked.asked_at)) : Value()};
}

ValueRow Row(const TlsLooked& looked, CertificateJudge& judge) {
  const TlsFindings& findings = looked.findings;
  const TlsEvidence& evidence = findings.evidence;
  const std::string& outcome = findings.outcome;
  const auto weakest = evidence.Weakest();
  const auto strongest = evidence.Strongest();
  const Value rank = weakest ? Value(int64_t{TlsRank(*weakest)}) : Value();
  const Value weakest_name = weakest ? Value(std::string(TlsVersionName(*weakest))) : Value();
  const Value strongest_name = strongest ? Value(std::string(TlsVersionName(*strongest))) : Value();
  const TlsTarget& target = looked.target;
  ValueRow row = {
      target.host,
      target.target.port,
      target.server_name,
      StarttlsOf(looked),
      Reachable(outcome),
      outcome,
      TextOrNull(evidence.Accepted()),
      weakest_name,
      evidence.WeakestIsSure() ? rank : Value(),
      strongest_name,
      WeakCiphers(findings),
      ForwardSecrecy(findings),
      PlaintextAllowed(outcome, findings),
      NumberOrNull(findings.client_certificate),
      TextOrNull(findings.error),
      std::string(target.declared ? "declared" : "discovered"),
      findings.handshake_ms >= 0 ? Value(findings.handshake_ms) : Value(),
      target.target.address,
      target.reach,
      TextOrNull(ProtocolOf(findings)),
      rank,
      findings.default_host ? Value(std::string(TlsVersionName(*findings.default_host))) : Value(),
      int64_t{findings.connections}};
  const ValueRow more = MoreCells(looked);
  row.insert(row.end(), more.begin(), more.end());
  const ValueRow certificate =
      CertificateCells(WorstCertificate(judge, target, findings), !findings.chains.empty());
  row.insert(row.end(), certificate.begin(), certificate.end());
  return row;
}

// What a look at versions alone fills.
constexpr std::string_view kOfVersions[] = {
    "host",     "port",           "server_name",          "starttls",          "reachable",
    "outcome",  "versions",       "weakest_version",      "weakest_rank",      "strongest_version",
    "error",    "source",         "handshake_ms",         "address",           "reach",
    "protocol", "accepted_rank",  "default_host_version", "default_host_rank", "connections",
    "asked_at", "starttls_answer"};

// How deep a look the queries need that read these columns.
TlsDepth DepthFor(uint64_t columns) {
  static const uint64_t of_versions = [] {
    const std::vector<Column> all = tls_endpoints_table().columns;
    uint64_t bits = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const bool one = std::find(std::begin(kOfVersions), std::end(kOfVersions), all[i].name) !=
                       std::end(kOfVersions);
      if (one) bits |= uint64_t{1} << i;
    }
    return bits;
  }();
  return (columns & ~of_versions) == 0 ? TlsDepth::kVersions : TlsDepth::kAll;
}

absl::Status GenerateTlsEndpoints(Env& env, const TableContext& context, RowSink& sink) {
  const TlsLook look = LookAtTls(env, context.declared, DepthFor(context.columns));
  for (const std::string& reason : look.incomplete) sink.Incomplete(reason);
  CertificateJudge judge(env);
  for (const TlsLooked& looked : look.endpoints) {
    if (!sink.AddRow(Row(looked, judge))) break;
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
      Text(
          "starttls",
          "Protocol that turns to TLS, as declared or, of a listener that was found, as it speaks; "
          "none = TLS from the start"),
      Number("reachable", "1: something answered, in TLS or not; 0: nothing did; NULL: not asked"),
      Text("outcome",
           "tls, not_tls, no_starttls (it speaks the protocol, and does not turn to TLS), "
           "turned_away (it serves nobody now), refused (TLS, but every hello), garbled, silent, "
           "closed, reset, unreachable, excluded, not_resolved, forbidden, not_asked"),
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
      Number("plaintext_allowed",
             "1: it answers in plain text, or goes on without STARTTLS; 0: TLS alone; NULL: not "
             "known. Of PostgreSQL as the account postgres sees it, of MySQL as one that is not "
             "there"),
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
           "Where it is not TLS from the start: smtp, imap, pop3, ftp, ldap, postgres, mysql, "
           "xmpp, ssh, http, vnc, other",
           true),
      Number("accepted_rank", "tls_rank of the weakest version seen to be accepted", true),
      Text("default_host_version", "Accepted without a server name, below TLSv1.2", true),
      Number("connections", "Connections made to find all this out", true),
      Number("default_host_rank",
             "tls_rank of the version accepted without a server name, where it is below TLSv1.2; "
             "12: none is; NULL: not asked or not answered",
             true),
      Number("dhe", "1: a suite of DHE is accepted below TLSv1.3", true),
      Number("dh_bits", "Size of its prime", true),
      Text("alpn", "Chosen of h2 and http/1.1; empty: none; NULL: not asked", true),
      Text("starttls_answer", "offered, not_offered, refused, preauth, at_once", true),
      Text("plaintext_answer", "What it said to going on without TLS", true),
      Number("starttls_injection", "1: bytes stood behind its go-ahead, before any TLS", true),
      Text("asked_at",
           "When it was asked last: again when its process, configuration or certificates have "
           "changed, or after a day",
           true),
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
      .generate = GenerateTlsEndpoints,
      .touches = TlsTouches,
      .lean = true};
}

}  // namespace tom
