// nsswitch.conf(5).
#ifndef TOM_CHECKS_PARSE_NSSWITCH_H_
#define TOM_CHECKS_PARSE_NSSWITCH_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

// The services of `database` ("passwd: files sss [NOTFOUND=return] nis" gives files, sss, nis),
// actions left out; the last line that names the database counts, as in glibc. Empty when none
// does: glibc then uses `files`.
std::vector<std::string> NameServices(std::string_view text, std::string_view database);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_NSSWITCH_H_
