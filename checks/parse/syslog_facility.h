// Facilities of syslog by name (RFC 5424 section 6.2.1; the names of glibc's <syslog.h> and
// rsyslog's runtime/srUtils.c). Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_SYSLOG_FACILITY_H_
#define TOM_CHECKS_PARSE_SYSLOG_FACILITY_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tom {

inline constexpr size_t kSyslogFacilities = 24;
inline constexpr size_t kSyslogSeverities = 8;

// By number; 12 to 15 have no name in syslog.conf.
inline constexpr std::array<std::string_view, kSyslogFacilities> kSyslogFacilityNames = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

// The number of a facility; "security" is an old name of auth.
inline std::optional<size_t> SyslogFacility(std::string_view name) {
  if (name == "security") name = "auth";
  const auto* found = std::find(kSyslogFacilityNames.begin(), kSyslogFacilityNames.end(), name);
  if (found == kSyslogFacilityNames.end()) return std::nullopt;
  return static_cast<size_t>(found - kSyslogFacilityNames.begin());
}

inline bool IsSyslogFacility(std::string_view name) { return SyslogFacility(name).has_value(); }

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SYSLOG_FACILITY_H_
