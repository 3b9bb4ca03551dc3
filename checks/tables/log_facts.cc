#include "checks/tables/log_facts.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/tables/drop_ins.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMostProcesses = 40000;

// Programs that take logs away in ways that are not read here.
struct Other {
  const char* name;
  const char* unit;
  const char* process;
};
constexpr Other kOthers[] = {{"syslog-ng", "syslog-ng.service", "syslog-ng"},
                             {"fluent-bit", "fluent-bit.service", "fluent-bit"},
                             {"fluentd", "fluentd.service", "fluentd"},
                             {"td-agent", "td-agent.service", "td-agent"},
                             {"vector", "vector.service", "vector"},
                             {"filebeat", "filebeat.service", "filebeat"},
                             {"journalbeat", "journalbeat.service", "journalbeat"},
                             {"elastic-agent", "elastic-agent.service", "elastic-agent"},
                             {"promtail", "promtail.service", "promtail"},
                             {"alloy", "alloy.service", "alloy"},
                             {"nxlog", "nxlog.service", "nxlog"},
                             {"splunk", "SplunkForwarder.service", "splunkd"},
                             {"wazuh-agent", "wazuh-agent.service", "wazuh-logcollec"},
                             {"otelcol", "otelcol-contrib.service", "otelcol-contrib"},
                             {"systemd-netlogd", "systemd-netlogd.service", "systemd-netlogd"}};

bool Runs(Env& env, const std::string& process, std::optional<bool>& running) {
  if (env.mode() == RootMode::kDeadTree) return false;
  const auto names = env.ListDirectory("/proc");
  if (!names.ok()) return false;
  size_t looked = 0;
  bool found = false;
  for (const std::string& name : *names) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (++looked > kMostProcesses) return false;
    const auto comm = env.ReadFile("/proc/" + name + "/comm", 64);
    if (comm.ok() && TrimLine(comm->substr(0, comm->find('\n'))) == process) found = true;
  }
  running = found;
  return true;
}

void AddOthers(ConfigFiles& files, UnitFiles& units, LogFacts& facts) {
  for (const Other& other : kOthers) {
    const Unit unit = units.Find(other.unit);
    if (unit.path.empty() && unit.problem.empty()) continue;
    LogProgram program = DescribeProgram(files, units, other.name, {other.unit}, other.process);
    if (!program.MayRun()) continue;
    LogDestination one;
    one.program = facts.programs.size();
    one.place = unit.path;
    one.problem = std::string(other.name) + " is not understood here";
    one.perhaps.fill(0xff);
    facts.programs.push_back(std::move(program));
    facts.destinations.push_back(std::move(one));
  }
}

uint8_t UpTo(const std::string& level, JournalSettings& settings) {
  SyslogMask mask;
  if (level.empty()) return 0xff;
  if (!ReadSyslogSelector("user." + level, mask)) {
    settings.problem = "journald.conf has no level " + level;
    return 0;
  }
  return mask[1];
}

// Debian's journald forwards by default, others' does not (their builds of journald.conf(5)).
std::optional<bool> DistributionForwards(ConfigFiles& files) {
  auto text = files.Read("/etc/os-release");
  if (!text.ok()) text = files.Read("/usr/lib/os-release");
  if (absl::IsNotFound(text.status())) {
    return files.Exists("/etc/redhat-release") ? std::nullopt : std::optional<bool>(true);
  }
  if (!text.ok()) return std::nullopt;
  for (const NumberedLine& line : LinesOf(*text)) {
    if (!line.text.starts_with("ID=") && !line.text.starts_with("ID_LIKE=")) continue;
    const auto words = WordsOf(std::string_view(line.text).substr(line.text.find('=') + 1), " \"'");
    if (HasWord(words, "debian") || HasWord(words, "ubuntu")) return true;
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> IsThere(Env& env, const std::string& path) {
  if (env.Stat(path).ok()) return true;
  if (env.mode() == RootMode::kDeadTree && !env.Stat(FolderOf(path)).ok()) return std::nullopt;
  return false;
}

LogProgram DescribeProgram(ConfigFiles& files, UnitFiles& units, const std::string& name,
                           const std::vector<std::string>& unit_ids, const std::string& process) {
  LogProgram program;
  program.name = name;
  program.unit = unit_ids[0];
  Unit unit;
  for (const std::string& id : unit_ids) {
    unit = units.Find(id);
    if (!unit.path.empty() || !unit.problem.empty()) {
      program.unit = id;
      break;
    }
  }
  if (!unit.problem.empty()) {
    files.Problem(unit.problem);
  } else if (!unit.path.empty() || unit.masked) {
    program.unit_state = unit.state;
    program.starts = !unit.masked && !unit.started_by.empty();
  } else if (!units.Names().empty()) {
    program.starts = false;
  }
  program.active = units.Active(program.unit);
  if (!program.active && !units.HasSystemd()) Runs(files.env(), process, program.active);
  return program;
}

JournalSettings ReadJournalSettings(ConfigFiles& files) {
  JournalSettings settings;
  UnitFile content;
  std::vector<std::string> paths = {"/etc/systemd/journald.conf"};
  const std::vector<std::string> folders = {
      "/etc/systemd/journald.conf.d", "/run/systemd/journald.conf.d",
      "/usr/local/lib/systemd/journald.conf.d", "/usr/lib/systemd/journald.conf.d",
      "/lib/systemd/journald.conf.d"};
  for (const DropIn& one : ListDropIns(files, folders, ".conf")) {
    if (!one.masked) paths.push_back(one.path);
  }
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      settings.problem = FromAbsl(text.status().message());
      continue;
    }
    content.Read(*text);
  }
  settings.storage = content.Value("Journal", "Storage");
  if (settings.storage.empty()) settings.storage = "auto";
  const std::string forward = content.Value("Journal", "ForwardToSyslog");
  settings.forward_to_syslog = forward.empty() ? DistributionForwards(files)
                                               : std::optional<bool>(UnitBoolean(forward, true));
  settings.stored = UpTo(content.Value("Journal", "MaxLevelStore"), settings);
  settings.forwarded = UpTo(content.Value("Journal", "MaxLevelSyslog"), settings);
  settings.kernel = UnitBoolean(content.Value("Journal", "ReadKMsg"), true);
  if (settings.storage == "persistent") settings.on_disk = true;
  if (settings.storage == "volatile" || settings.storage == "none") settings.on_disk = false;
  if (settings.storage == "auto") settings.on_disk = files.IsDirectory("/var/log/journal");
  return settings;
}

LogFacts GatherLogFacts(Env& env) {
  LogFacts facts;
  UnitFiles units(env);
  ConfigFiles files(env);
  facts.journal = ReadJournalSettings(files);
  AddRsyslog(files, units, facts);
  AddJournalUpload(files, units, facts);
  AddDatadog(files, units, facts);
  AddOthers(files, units, facts);
  for (const std::string& problem : files.problems()) facts.problems.push_back(problem);
  for (const std::string& problem : units.problems()) facts.problems.push_back(problem);
  if (!facts.journal.problem.empty()) facts.problems.push_back(facts.journal.problem);
  return facts;
}

std::vector<Touch> LogTouches(Env& env) {
  std::vector<Touch> touches = UnitTouches(env);
  Append(touches, FileTouches({"/proc",
                               "/proc/*/comm",
                               "/etc/os-release",
                               "/usr/lib/os-release",
                               "/etc/redhat-release",
                               "/etc/systemd/**",
                               "/run/systemd/**",
                               "/usr/local/lib/systemd/**",
                               "/usr/lib/systemd/**",
                               "/lib/systemd/**",
                               "/etc/rsyslog.conf",
                               "/etc/rsyslog.d/**",
                               "/usr/lib/rsyslog",
                               "/usr/lib/*/rsyslog",
                               "/usr/lib64/rsyslog",
                               "/usr/lib/**",
                               "/usr",
                               "/usr/lib",
                               "/usr/sbin/rsyslogd",
                               "/etc/datadog-agent",
                               "/etc/datadog-agent/**",
                               "/etc/passwd",
                               "/etc/group",
                               "/var/log/**",
                               "/var/log",
                               "/run/log/journal",
                               "/run/log/journal/**",
                               "/opt/datadog-agent/run/registry.json"},
                              "what makes logs leave this host"));
  for (const std::string& path : RsyslogPaths(env)) {
    Append(touches, PathTouches(path, "rsyslog's configuration"));
  }
  return touches;
}

}  // namespace tom
