// What the Datadog agent's logs agent keeps of what it has sent: run/registry.json, versions 1 to
// 3, written anew every second while it runs (pkg/logs/auditor of its source).
#ifndef TOM_CHECKS_PARSE_DATADOG_REGISTRY_H_
#define TOM_CHECKS_PARSE_DATADOG_REGISTRY_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

// "file:/var/log/syslog", "journald:default" … -> when the store last took something of it. An
// entry goes 23 hours after that. InvalidArgument: no registry.
absl::StatusOr<std::map<std::string, UnixSeconds>> ParseDatadogRegistry(std::string_view json);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DATADOG_REGISTRY_H_
