// What /proc tells of one process: stat, status and io (proc(5)). Bytes -> values, no I/O; pure and
// thread-safe.
#ifndef TOM_CHECKS_PARSE_PROC_PROCESS_H_
#define TOM_CHECKS_PARSE_PROC_PROCESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

struct ProcStat {
  std::string name;  // as the process names itself, at most 15 bytes; any bytes
  char state = '?';
  int64_t parent = 0;
  int64_t group = 0;
  int64_t user_ticks = 0;    // hundredths of a second
  int64_t system_ticks = 0;  // hundredths of a second
  int64_t nice = 0;
  int64_t threads = 0;
  int64_t start_ticks = 0;  // hundredths of a second after boot
  int64_t virtual_bytes = 0;
  int64_t resident_pages = 0;
};

// Nothing where the line is not of the kernel's form. The name may hold blanks and brackets: it
// ends at the last `)`.
std::optional<ProcStat> ParseProcStat(std::string_view text);

struct ProcIds {
  int64_t real = -1;
  int64_t effective = -1;
  int64_t saved = -1;
};

struct ProcStatus {
  ProcIds uid;
  ProcIds gid;
};

// Nothing without both lines, Uid and Gid. A process may choose its name but not a line end in it.
std::optional<ProcStatus> ParseProcStatus(std::string_view text);

// The number behind `name` at a line's start ("btime 1700000000", "read_bytes: 5").
std::optional<int64_t> ProcNumber(std::string_view text, std::string_view name);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PROC_PROCESS_H_
