// Where rsyslogd sends and writes the messages of this host: its configuration carried out in
// thought for every facility and severity. A condition that neither of the two decides may turn out
// either way: what stands behind it happens "perhaps", never "surely". Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_RSYSLOG_FLOW_H_
#define TOM_CHECKS_PARSE_RSYSLOG_FLOW_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/parse/rsyslog_config.h"

namespace tom {

// An action that sends messages elsewhere.
struct RsyslogForward {
  std::string module;  // omfwd, omrelp, …
  std::string target;
  std::string port;
  std::string protocol;  // udp, tcp, relp; empty: the module's own
  std::string place;
  // Whether it can work as configured: nothing where that is not told, see problem.
  std::optional<bool> works = true;
  std::optional<bool> encrypted;
  std::optional<bool> verified;    // that the receiver is the one meant
  std::string ca_file;             // that it cannot do without
  std::vector<std::string> files;  // others that it cannot do without
  std::string driver_module;       // lmnsd_gtls, omrelp, …: a file of rsyslog's that it needs
  std::string problem;
  bool sometimes = false;  // not every message, or only when the action before it cannot send
  std::string queue_file;  // the start of its names; empty: it keeps nothing on the disk
  std::string queue_folder;
  std::string queue_bound;  // maxDiskSpace as written
  SyslogMask surely = {};   // which messages reach it
  SyslogMask perhaps = {};  // those too
};

struct RsyslogFlow {
  std::vector<RsyslogForward> forwards;
  std::map<std::string, SyslogMask> files;    // path -> what is surely written to it
  std::map<std::string, SyslogMask> dropped;  // place -> what is surely or perhaps discarded there
  // How messages of this host come in; nothing: not told.
  std::optional<bool> local;  // from programs: imuxsock, imjournal
  bool from_journal = false;  // imjournal takes them
  bool from_socket = false;   // imuxsock takes them where journald or the C library leaves them
  bool own_socket = false;    // … from /dev/log or a socket named, whatever journald forwards
  std::optional<bool> kernel;
  std::string work_folder;
  std::string refused;                // why rsyslogd does not start
  std::vector<std::string> problems;  // what is not understood: nothing is sure then
};

RsyslogFlow FollowRsyslog(const RsyslogConfig& config);

// In which of three ways a condition turns out.
enum class RsyslogTruth { kNo, kYes, kUnknown };

struct RsyslogMessage {
  size_t facility = 0;
  size_t severity = 0;
  std::map<std::string, std::string> variables;  // set by the configuration to what is known
};

RsyslogTruth JudgeRsyslogExpr(const RsyslogExpr& expr, const RsyslogMessage& message);
RsyslogTruth JudgeRsyslogProperty(const RsyslogStatement& filter, const RsyslogMessage& message);
// The value where it is known.
std::optional<std::string> RsyslogText(const RsyslogExpr& expr, const RsyslogMessage& message);

// What an action of a module that sends is, with the settings of the classic form that hold for it.
// Nothing: it sends nothing anywhere.
struct RsyslogSettings {
  std::string default_driver;
  std::string default_ca_file;
  std::string work_folder;
  // Of the classic form alone.
  std::string driver;
  std::string mode;
  std::string auth_mode;
  std::string permitted_peer;
  bool only_when_suspended = false;
  bool sometimes = false;
  bool disk_queue = false;
  bool queue_file = false;
  bool retries = false;
  bool own_queue = false;
  bool reset = false;  // $ResetConfigVariables stood before
};
std::optional<RsyslogForward> DescribeRsyslogForward(const RsyslogStatement& action,
                                                     const RsyslogSettings& settings);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_RSYSLOG_FLOW_H_
