// What makes logs leave this host: rsyslog, systemd-journal-upload and the Datadog agent as they
// are configured, the units that start them, and whether they run; others are only seen.
#ifndef TOM_CHECKS_TABLES_LOG_FACTS_H_
#define TOM_CHECKS_TABLES_LOG_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/engine/table.h"
#include "checks/parse/rsyslog_flow.h"
#include "checks/tables/unit_files.h"

namespace tom {

// A program that takes logs somewhere.
struct LogProgram {
  std::string name;  // rsyslog, systemd-journal-upload, datadog-agent, or another's
  std::string unit;
  std::string unit_state;      // as systemctl is-enabled says it; empty: no unit here
  std::optional<bool> starts;  // nothing: the tree has no units at all, or its unit cannot be read
  std::optional<bool> active;  // nothing: not told, as in a dead tree
  // It can take anything anywhere: it is not known to be switched off.
  bool MayRun() const { return starts != std::optional<bool>(false) || active.value_or(false); }
};

// Where such a program takes them.
struct LogDestination {
  size_t program = 0;  // index
  std::string target;
  std::string port;
  std::string protocol;
  std::string place;  // where it is configured
  std::optional<bool> works;
  std::optional<bool> encrypted;
  std::optional<bool> verified;
  std::string problem;
  std::string queue_file;  // prefix of its queue's names, with the folder; empty: none on the disk
  std::string queue_bound;
  SyslogMask surely = {};
  SyslogMask perhaps = {};
  bool sometimes = false;  // not all of what reaches it: it may show messages, and takes none away
};

// journald.conf(5), as far as it decides what others get.
struct JournalSettings {
  std::string storage;                    // auto, persistent, volatile, none
  std::optional<bool> forward_to_syslog;  // nothing: the default of a system that is not known
  uint8_t stored = 0xff;                  // severities, as in SyslogMask
  uint8_t forwarded = 0xff;
  bool kernel = true;
  std::optional<bool> on_disk;  // what it keeps outlives a boot
  std::string problem;
};

struct LogFacts {
  std::vector<LogProgram> programs;
  std::vector<LogDestination> destinations;
  std::map<std::string, SyslogMask> files;    // what rsyslog surely writes where
  std::map<std::string, SyslogMask> dropped;  // place -> what rsyslog discards there
  std::vector<std::string> notes;             // reasons why a facility's messages may not come
  std::vector<std::string> problems;          // what was not read or understood
  JournalSettings journal;
};

// REQUIRES: env outlives the call alone.
LogFacts GatherLogFacts(Env& env);
JournalSettings ReadJournalSettings(ConfigFiles& files);

std::vector<Touch> LogTouches(Env& env);

// Parts of GatherLogFacts, one program each. `files` collects what could not be read.
void AddRsyslog(ConfigFiles& files, UnitFiles& units, LogFacts& facts);
void AddJournalUpload(ConfigFiles& files, UnitFiles& units, LogFacts& facts);
void AddDatadog(ConfigFiles& files, UnitFiles& units, LogFacts& facts);

// The unit's state, and whether `process` (of 15 bytes at most) runs where no systemd tells.
LogProgram DescribeProgram(ConfigFiles& files, UnitFiles& units, const std::string& name,
                           const std::vector<std::string>& unit_ids, const std::string& process);

// Every path that rsyslog's configuration reads now.
std::vector<std::string> RsyslogPaths(Env& env);

// Whether a file that TLS needs is there; nothing where a dead tree does not hold its folder at
// all.
std::optional<bool> IsThere(Env& env, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_LOG_FACTS_H_
