// access.conf(5) of pam_access, as Linux-PAM 1.5.2 reads it. Bytes in, rules out.
#ifndef TOM_CHECKS_PARSE_ACCESS_CONF_H_
#define TOM_CHECKS_PARSE_ACCESS_CONF_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct AccessRule {
  int line = 0;
  bool grants = false;
  std::vector<std::string> users;  // words, "EXCEPT" among them
  std::vector<std::string> origins;
};

// `list_separators`: of the words within a field (listsep=). Lines that pam_access skips (no
// newline at the end, a blank before the sign, not three fields) are no rules.
std::vector<AccessRule> ParseAccessConf(std::string_view text, std::string_view field_separators,
                                        std::string_view list_separators);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ACCESS_CONF_H_
