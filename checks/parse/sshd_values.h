// Which values sshd takes of the keywords that nothing is asked about (servconf.c of OpenSSH 9.2):
// one that it does not take keeps it from starting. What is not listed here is taken.
#ifndef TOM_CHECKS_PARSE_SSHD_VALUES_H_
#define TOM_CHECKS_PARSE_SSHD_VALUES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

// `keyword` in lower case. REQUIRES: one argument at least.
bool SshdTakes(std::string_view keyword, const std::vector<std::string>& arguments);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSHD_VALUES_H_
