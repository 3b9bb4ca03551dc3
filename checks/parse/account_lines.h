// Lines of colon-separated account files: passwd(5), group(5), shadow(5). Bytes in, values out.
#ifndef TOM_CHECKS_PARSE_ACCOUNT_LINES_H_
#define TOM_CHECKS_PARSE_ACCOUNT_LINES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct PasswdEntry {
  std::string name;
  std::string password;
  int64_t uid = 0;
  int64_t gid = 0;
  std::string description;  // GECOS
  std::string directory;
  std::string shell;
};

struct PasswdFile {
  std::vector<PasswdEntry> entries;  // in the file's order, duplicates kept
  std::vector<std::string>
      problems;  // "line 7: not seven fields"; each is an account that may have been missed
};

// Follows glibc's files backend: blank lines and lines that start with `#` are skipped. A line that
// asks NIS (`+` or `-` in front), holds a NUL or bytes that are not UTF-8, is longer than 64 KiB,
// has another count of fields or an id that is no number of 32 bits is a problem. At most 100,000
// entries.
PasswdFile ParsePasswd(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ACCOUNT_LINES_H_
