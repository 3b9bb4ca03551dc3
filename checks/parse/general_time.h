// Generalized time (RFC 4517 section 3.3.13, ASN.1), as sudoers and LDAP write it. Pure.
#ifndef TOM_CHECKS_PARSE_GENERAL_TIME_H_
#define TOM_CHECKS_PARSE_GENERAL_TIME_H_

#include <optional>
#include <string_view>

#include "evidence/utc_time.h"

namespace tom {

struct GeneralTime {
  UnixSeconds seconds = 0;
  bool zoned = true;  // false: local time of somewhere, here read as UTC
};

// YYYYMMDDHH[MM[SS]][.F][Z|+HHMM|-HHMM]; the fraction is one of the last part, one digit counts.
std::optional<GeneralTime> ParseGeneralTime(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_GENERAL_TIME_H_
