// Records of logins as glibc writes them to wtmp: utmp(5), the layout of 64-bit Linux with its
// 32-bit times (384 bytes). Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_UTMP_RECORDS_H_
#define TOM_CHECKS_PARSE_UTMP_RECORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr size_t kUtmpRecordBytes = 384;

struct UtmpRecord {
  int64_t type = 0;  // 1 run level, 2 boot, 6 login prompt, 7 user, 8 ended
  int64_t pid = 0;
  std::string line;  // terminal
  std::string user;
  std::string host;  // that the login came from; empty: this one
  int64_t time = 0;  // seconds since 1970
};

// In the file's order. Text stops at its NUL and is made printable where it is not UTF-8. A rest
// that is no whole record is left out, and `whole` says so.
struct UtmpRecords {
  std::vector<UtmpRecord> records;
  bool whole = true;
};
UtmpRecords ParseUtmp(std::string_view bytes);

// "user-process", "dead-process", ...; "unknown".
std::string_view UtmpTypeName(int64_t type);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_UTMP_RECORDS_H_
