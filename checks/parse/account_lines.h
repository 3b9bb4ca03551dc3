// Lines of colon-separated account files: passwd(5), group(5), shadow(5). Bytes in, values out.
#ifndef TOM_CHECKS_PARSE_ACCOUNT_LINES_H_
#define TOM_CHECKS_PARSE_ACCOUNT_LINES_H_

#include <cstdint>
#include <optional>
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

struct GroupEntry {
  std::string name;
  std::string password;
  int64_t gid = 0;
  std::vector<std::string> members;  // as they stand; the primary members are in passwd alone
};

// Numbers are days, absent where the field is empty: no such limit (shadow(5)).
struct ShadowRecord {
  std::string name;
  std::string password;  // the hash: never shown
  std::optional<int64_t> last_change;
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  std::optional<int64_t> warning;
  std::optional<int64_t> inactive;
  std::optional<int64_t> expire;
  std::optional<int64_t> flag;
};

// Entries stand in the file's order, duplicates kept. A problem ("line 7: not seven fields") is an
// entry that may have been missed.
template <typename Entry>
struct AccountFile {
  std::vector<Entry> entries;
  std::vector<std::string> problems;
};
using PasswdFile = AccountFile<PasswdEntry>;
using GroupFile = AccountFile<GroupEntry>;
using ShadowRecords = AccountFile<ShadowRecord>;

// They follow glibc's files backend: blanks in front of a line are passed over, blank lines and
// lines that start with `#` are skipped. A line that asks NIS (`+` or `-` in front), holds a NUL or
// bytes that are not UTF-8, is longer than 64 KiB, has another count of fields or something else
// than a number (an id: of 32 bits) where one belongs is a problem. At most 100,000 entries.
PasswdFile ParsePasswd(std::string_view text);
GroupFile ParseGroup(std::string_view text);
ShadowRecords ParseShadowRecords(std::string_view text);

// What the second field of shadow(5), or of passwd(5) unless it is `x`, lets in.
enum class PasswordStatus {
  kEmpty,   // no password is asked for
  kActive,  // a hash that some password fits
  kLocked,  // `!` or `*` in front: none fits
  kNotSet   // `!!` or `!*`, as tools write it for a new account
};
PasswordStatus PasswordStatusOf(std::string_view field);

// "empty", "active", "locked", "not_set", as osquery names them.
std::string_view PasswordStatusName(PasswordStatus status);

// The method of crypt(5) by its prefix without the dollars ("6", "y", "2b"), "des" of an old hash
// without one; "" where there is no hash. A lock in front is passed over.
std::string_view HashMethod(std::string_view field);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ACCOUNT_LINES_H_
