// crontab(5), as Debian's cron reads it (cronie is the same here). Bytes -> values, no I/O; pure
// and thread-safe.
#ifndef TOM_CHECKS_PARSE_CRONTAB_LINES_H_
#define TOM_CHECKS_PARSE_CRONTAB_LINES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct CronEntry {
  std::string event;  // "@reboot", …; empty where the five fields stand
  std::string minute, hour, day_of_month, month, day_of_week;
  std::string user;  // of system tables alone
  std::string command;
  int line = 0;
};

struct CronTable {
  std::vector<CronEntry> entries;
  std::vector<int> bad_lines;  // neither an entry nor a setting of the environment
  bool cut = false;            // more than 5,000 entries
  std::string path_variable;   // PATH= as it stands last; empty: cron's own
};

// `system`: a user stands before the command (/etc/crontab, /etc/cron.d).
CronTable ParseCrontab(std::string_view text, bool system);

// The absolute paths of programs and scripts that a command plainly names: its words that begin
// with '/', without quotes around them. Words with shell's expansions are left out.
std::vector<std::string> CronPrograms(std::string_view command);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CRONTAB_LINES_H_
