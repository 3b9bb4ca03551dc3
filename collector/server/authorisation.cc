#include "collector/server/authorisation.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<std::string> EnrolledHost(const StoreView& view,
                                         const CertificateInfo& certificate) {
  const std::string prefix = HostUri("");
  if (certificate.uris.size() != 1 || certificate.uris.front().rfind(prefix, 0) != 0) {
    return absl::PermissionDeniedError("certificate: names no host");
  }
  std::string host = certificate.uris.front().substr(prefix.size());
  const absl::StatusOr<HostRow> row =
      IsLowerHex(host, 32) ? view.Host(host) : absl::NotFoundError("");
  if (absl::IsNotFound(row.status())) {
    return absl::PermissionDeniedError("certificate: its host is not enrolled");
  }
  TOM_RETURN_IF_ERROR(row.status());
  if (row->retired_leaf) return absl::PermissionDeniedError("certificate: its host is retired");
  return host;
}

}  // namespace

absl::StatusOr<Caller> Authorise(const StoreView& view, std::string_view method,
                                 std::string_view certificate_pem, const Issuers& issuers,
                                 UnixSeconds now) {
  const auto rule = std::find_if(kRpcRules.begin(), kRpcRules.end(),
                                 [&](const RpcRule& row) { return row.method == method; });
  if (rule == kRpcRules.end()) return absl::PermissionDeniedError("method: nobody may call it");
  if (!rule->purpose) return Caller();
  if (certificate_pem.empty()) return absl::UnauthenticatedError("a client certificate is needed");
  TOM_ASSIGN_OR_RETURN(const CertificateInfo certificate, ReadCertificatePem(certificate_pem));
  const std::string& issuer = *rule->purpose == Purpose::kHostTls ? issuers.hosts : issuers.people;
  const absl::Status good = VerifyCertificate(certificate.der, issuer, *rule->purpose, now);
  if (!good.ok()) return absl::PermissionDeniedError(good.message());
  Caller caller;
  caller.certificate = certificate.subject;
  if (*rule->purpose == Purpose::kHostTls) {
    TOM_ASSIGN_OR_RETURN(caller.host, EnrolledHost(view, certificate));
  }
  return caller;
}

}  // namespace tom
