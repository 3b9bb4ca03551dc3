// osquery's table of that name: the certificate behind `hostname`, "name" or "name:port". Unlike
// there a constraint connects to nothing by itself: only what is declared as an endpoint, or
// listens on this host, has a row.
#include "checks/engine/table.h"
#include "checks/parse/certificate_details.h"
#include "checks/tables/tls_look.h"
#include "checks/tables/tls_touches.h"

namespace tom {
namespace {

constexpr int64_t kHttps = 443;

struct HostPort {
  std::string host;
  int64_t port = kHttps;
};

// "[::1]:443", "::1", "a.example.org", "a.example.org:8443"; nothing for a port that is none.
std::optional<HostPort> ReadHostPort(const std::string& text) {
  HostPort read{.host = text};
  std::string port;
  const size_t bracket = text.find("]:");
  const size_t colon = text.find(':');
  if (!text.empty() && text[0] == '[' && text.back() == ']') {
    read.host = text.substr(1, text.size() - 2);
  } else if (!text.empty() && text[0] == '[' && bracket != std::string::npos) {
    read.host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 2);
  } else if (colon != std::string::npos && text.find(':', colon + 1) == std::string::npos) {
    read.host = text.substr(0, colon);
    port = text.substr(colon + 1);
  } else {
    return read;
  }
  if (bracket == std::string::npos && !text.empty() && text[0] == '[') return read;
  if (port.empty() || port.size() > 5) return std::nullopt;
  read.port = 0;
  for (const char c : port) {
    if (c < '0' || c > '9') return std::nullopt;
    read.port = read.port * 10 + (c - '0');
  }
  return read.port > 0 && read.port < 65536 ? std::optional<HostPort>(read) : std::nullopt;
}

bool Names(const HostPort& wanted, const TlsTarget& target) {
  if (wanted.host.empty() || wanted.port != target.target.port) return false;
  return wanted.host == target.host || wanted.host == target.server_name ||
         wanted.host == target.target.address;
}

Value TimeOrNull(const std::optional<UnixSeconds>& time) {
  return time ? Value(FormatUtc(*time)) : Value();
}

absl::Status GenerateCurlCertificate(Env& env, const TableContext& context, RowSink& sink) {
  const std::string* hostname = context.EqualText("hostname");
  if (hostname == nullptr) return absl::OkStatus();
  const auto wanted = ReadHostPort(*hostname);
  if (!wanted) return absl::OkStatus();
  const TlsLook look = LookAtTls(env, context.declared, TlsDepth::kAll,
                                 [&](const TlsTarget& target) { return Names(*wanted, target); });
  for (const std::string& reason : look.incomplete) sink.Incomplete(reason);
  for (const TlsLooked& looked : look.endpoints) {
    if (looked.findings.chains.empty() && !looked.findings.error.empty()) {
      sink.Incomplete(*hostname + ": " + looked.findings.error);
    }
    for (const auto& chain : looked.findings.chains) {
      const auto details = ReadCertificate(chain[0]);
      if (!details) continue;
      sink.Add({{"hostname", *hostname},
                {"common_name", details->common_name},
                {"organization", details->organization},
                {"organization_unit", details->organization_unit},
                {"serial_number", details->serial},
                {"issuer_common_name", details->issuer_common_name},
                {"issuer_organization", details->issuer_organization},
                {"issuer_organization_unit", details->issuer_organization_unit},
                {"valid_from", TimeOrNull(details->not_before)},
                {"valid_to", TimeOrNull(details->not_after)},
                {"sha256_fingerprint", details->sha256},
                {"sha1_fingerprint", details->sha1},
                {"signature_algorithm", details->signature_algorithm},
                {"subject_alternative_names", details->names},
                {"key_usage", details->key_usage},
                {"extended_key_usage", details->extended_key_usage},
                {"subject_key_identifier", details->subject_key_id},
                {"authority_key_identifier", details->authority_key_id},
                {"has_expired", details->not_after
                                    ? Value(int64_t{*details->not_after < env.Now() ? 1 : 0})
                                    : Value()}});
    }
  }
  return absl::OkStatus();
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

std::vector<Column> Columns() {
  Column hostname = Text("hostname", "Name or address, and :port unless it is 443");
  hostname.pushdown = hostname.required = true;
  return {hostname,
          Text("common_name", "Of the subject"),
          Text("organization", "Of the subject"),
          Text("organization_unit", "Of the subject"),
          Text("serial_number", "Hexadecimal"),
          Text("issuer_common_name", "Of the issuer"),
          Text("issuer_organization", "Of the issuer"),
          Text("issuer_organization_unit", "Of the issuer"),
          Text("valid_from", "Beginning of its validity"),
          Text("valid_to", "End of its validity"),
          Text("sha256_fingerprint", "Hexadecimal"),
          Text("sha1_fingerprint", "Hexadecimal"),
          Text("signature_algorithm", "With which it is signed"),
          Text("subject_alternative_names", "Whom it is good for"),
          Text("key_usage", "What its key may do"),
          Text("extended_key_usage", "What it is for"),
          Text("subject_key_identifier", "Hexadecimal"),
          Text("authority_key_identifier", "Hexadecimal"),
          {.name = "has_expired",
           .type = ColumnType::kInteger,
           .description = "1: its validity has ended"}};
}

}  // namespace

Table curl_certificate_table() {
  return {.name = "curl_certificate",
          .description = "The certificate of a declared endpoint or a listener of this host",
          .columns = Columns(),
          .generate = GenerateCurlCertificate,
          .touches = TlsTouches};
}

}  // namespace tom
