// pam_duo.conf(5) of duo_unix, the values that decide who is asked. What its reader makes of a file
// was found by running it (Debian 12, libpam-duo 1.11.3).
#ifndef TOM_CHECKS_PARSE_DUO_CONFIG_H_
#define TOM_CHECKS_PARSE_DUO_CONFIG_H_

#include <string>
#include <string_view>

namespace tom {

struct DuoConfig {
  bool fail_safe = true;  // failmode=safe, the default: who cannot be asked is let in
  std::string groups;     // patterns with commas; who matches none is not asked. "" asks everybody
  bool autopush = false;
  bool understood = true;  // false: a line that its reader may refuse, and what then counts is open
};

// The last value of a name counts, in whatever section.
DuoConfig ParseDuoConfig(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DUO_CONFIG_H_
