// Who may call what: one table, asked in one place before any method runs.
#ifndef TOM_COLLECTOR_SERVER_AUTHORISATION_H_
#define TOM_COLLECTOR_SERVER_AUTHORISATION_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "collector/store/store.h"
#include "evidence/certificate.h"

namespace tom {

struct RpcRule {
  std::string_view method;  // as in the proto: tom.v1.Reporting.Submit
  std::optional<Purpose>
      purpose;  // of the caller's certificate; absent: a token in the request decides
};

// One row for each method of proto/tom/v1; a method without a row cannot be called.
inline constexpr std::array<RpcRule, 11> kRpcRules = {{
    {"tom.v1.Enrolment.Begin", std::nullopt},
    {"tom.v1.Enrolment.Finish", std::nullopt},
    {"tom.v1.Reporting.Submit", Purpose::kHostTls},
    {"tom.v1.Reporting.PutBlob", Purpose::kHostTls},
    {"tom.v1.Reporting.GetAnchor", Purpose::kHostTls},
    {"tom.v1.Reporting.GetCatalogue", Purpose::kHostTls},
    {"tom.v1.Operator.SubmitStatement", Purpose::kOperatorTls},
    {"tom.v1.Operator.Query", Purpose::kOperatorTls},
    {"tom.v1.Operator.ExportPack", Purpose::kOperatorTls},
    {"tom.v1.Operator.Stamp", Purpose::kOperatorTls},
    {"tom.v1.Operator.GetBlob", Purpose::kOperatorTls},
}};

struct Caller {
  std::string host;         // with a host's certificate
  std::string certificate;  // subject, for the log
};

// Whose certificates are believed for which callers: TLS alone cannot tell them apart.
struct Issuers {
  std::string people;  // DER: the installation's CA
  std::string hosts;   // DER: the collector's host CA
};

// `certificate_pem` is what TLS has verified the caller to hold, empty for none. Unauthenticated
// without one where one is needed; PermissionDenied for another purpose, another CA, an expired
// one, a host that is unknown or retired, or a method without a rule.
absl::StatusOr<Caller> Authorise(const StoreView& view, std::string_view method,
                                 std::string_view certificate_pem, const Issuers& issuers,
                                 UnixSeconds now);

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_AUTHORISATION_H_
