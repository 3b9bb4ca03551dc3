// rsyslog, for log_facts.h: its configuration followed, held against what lies on the disk and what
// journald gives it.
#include <algorithm>

#include "checks/tables/env_glob.h"
#include "checks/tables/log_facts.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kMainFile[] = "/etc/rsyslog.conf";

absl::StatusOr<std::vector<RsyslogSource>> Sources(ConfigFiles& files, std::string pattern,
                                                   std::vector<std::string>& paths) {
  // rsyslogd starts in the root.
  if (pattern.empty() || pattern[0] != '/') pattern = "/" + pattern;
  if (pattern.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("an include that the environment names");
  }
  std::vector<std::string> names;
  if (pattern.back() == '/' || files.IsDirectory(pattern)) pattern = InFolder(pattern, "*");
  paths.push_back(pattern);
  if (HasGlobCharacters(pattern)) {
    const size_t before = files.problems().size();
    names = files.Match(pattern);
    if (files.problems().size() > before) return absl::UnavailableError(files.problems().back());
  } else {
    names = {pattern};
  }
  std::vector<RsyslogSource> sources;
  for (const std::string& name : names) {
    if (HasGlobCharacters(pattern) && files.IsDirectory(name)) continue;
    auto text = files.Read(name);
    paths.push_back(name);
    if (absl::IsNotFound(text.status()) && HasGlobCharacters(pattern)) continue;
    if (!text.ok()) return text.status();
    sources.push_back({name, *std::move(text)});
  }
  return sources;
}

absl::StatusOr<RsyslogConfig> Load(ConfigFiles& files, std::vector<std::string>& paths) {
  auto text = files.Read(kMainFile);
  if (!text.ok()) return text.status();
  return ParseRsyslogConfig({kMainFile, *std::move(text)}, [&](const std::string& pattern) {
    return Sources(files, pattern, paths);
  });
}

// False: rsyslog's folder of modules is here and has no such file.
bool HasModule(ConfigFiles& files, const std::string& module) {
  bool folder = false;
  for (const char* pattern : {"/usr/lib/*/rsyslog", "/usr/lib64/rsyslog", "/usr/lib/rsyslog"}) {
    for (const std::string& path : files.Match(pattern)) {
      if (!files.IsDirectory(path)) continue;
      folder = true;
      if (files.Exists(InFolder(path, module + ".so"))) return true;
    }
  }
  return !folder;
}

void HoldAgainstDisk(ConfigFiles& files, LogDestination& one, const RsyslogForward& forward) {
  if (one.works == std::optional<bool>(false)) return;
  if (!forward.driver_module.empty() && !HasModule(files, forward.driver_module)) {
    one.works = false;
    one.problem = "rsyslog's module " + forward.driver_module + " is not installed";
    return;
  }
  std::vector<std::string> needed = forward.files;
  if (!forward.ca_file.empty()) needed.push_back(forward.ca_file);
  for (const std::string& file : needed) {
    const auto there = IsThere(files.env(), file);
    if (there == std::optional<bool>(true)) continue;
    one.works = there;
    one.problem = file + " is not there";
    return;
  }
}

// What rsyslog gets of what is logged here.
SyslogMask Arriving(const RsyslogFlow& flow, const JournalSettings& journal, bool& sure) {
  SyslogMask mask = {};
  if (flow.own_socket) mask.fill(0xff);
  if (flow.from_socket) {
    for (uint8_t& one : mask) {
      if (journal.forward_to_syslog.value_or(true))
        one = static_cast<uint8_t>(one | journal.forwarded);
    }
  }
  if (flow.from_journal && journal.storage != "none") {
    for (uint8_t& one : mask) one = static_cast<uint8_t>(one | journal.stored);
  }
  const bool open = flow.from_socket && !flow.own_socket && !flow.from_journal &&
                    !journal.forward_to_syslog.has_value();
  sure = flow.local.has_value() && !open && flow.problems.empty() && journal.problem.empty();
  if (!flow.local.has_value()) mask.fill(0xff);
  return mask;
}

void SayWhyNothingArrives(const RsyslogFlow& flow, const JournalSettings& journal,
                          LogFacts& facts) {
  if (flow.local == std::optional<bool>(false)) {
    facts.notes.emplace_back("rsyslog takes in no messages of this host (imuxsock, imjournal)");
  } else if (flow.from_socket && !flow.own_socket && !flow.from_journal &&
             journal.forward_to_syslog == std::optional<bool>(false)) {
    facts.notes.emplace_back("journald forwards nothing to rsyslog (ForwardToSyslog=no)");
  }
}

void AddFlow(ConfigFiles& files, const RsyslogFlow& flow, size_t program, LogFacts& facts) {
  bool sure = true;
  const SyslogMask arriving = Arriving(flow, facts.journal, sure);
  SayWhyNothingArrives(flow, facts.journal, facts);
  if (!flow.refused.empty()) {
    facts.notes.push_back("rsyslogd does not start: " + flow.refused);
    return;
  }
  for (const RsyslogForward& forward : flow.forwards) {
    LogDestination one;
    one.program = program;
    one.target = forward.target;
    one.port = forward.port;
    one.protocol = forward.protocol.empty() ? forward.module : forward.protocol;
    one.place = forward.place;
    one.works = forward.works;
    one.encrypted = forward.encrypted;
    one.verified = forward.verified;
    one.problem = forward.problem;
    one.sometimes = forward.sometimes;
    if (one.sometimes && one.problem.empty()) one.problem = "it sends only some of what reaches it";
    if (!forward.queue_file.empty() && !forward.queue_folder.empty()) {
      one.queue_file = InFolder(forward.queue_folder, forward.queue_file);
      one.queue_bound = forward.queue_bound;
    }
    HoldAgainstDisk(files, one, forward);
    for (size_t i = 0; i < kSyslogFacilities; ++i) {
      one.perhaps[i] = forward.perhaps[i] & arriving[i];
      if (sure) one.surely[i] = forward.surely[i] & arriving[i];
    }
    // The kernel's own come by another way, which nobody needs for those of programs.
    if (!flow.kernel.value_or(false)) one.surely[0] = 0;
    facts.destinations.push_back(std::move(one));
  }
  for (const auto& [path, mask] : flow.files) {
    for (size_t i = 0; i < kSyslogFacilities; ++i) {
      if (sure) facts.files[path][i] = mask[i] & arriving[i];
    }
  }
  facts.dropped = flow.dropped;
  for (const std::string& problem : flow.problems) facts.problems.push_back(problem);
}

}  // namespace

std::vector<std::string> RsyslogPaths(Env& env) {
  ConfigFiles files(env);
  std::vector<std::string> paths;
  const auto config = Load(files, paths);
  if (config.ok()) {
    for (const RsyslogForward& one : FollowRsyslog(*config).forwards) {
      if (!one.ca_file.empty() && one.ca_file[0] == '/') paths.push_back(one.ca_file);
      if (!one.queue_folder.empty() && one.queue_folder[0] == '/') {
        paths.push_back(InFolder(one.queue_folder, "*"));
      }
    }
  }
  return paths;
}

void AddRsyslog(ConfigFiles& files, UnitFiles& units, LogFacts& facts) {
  std::vector<std::string> paths;
  const auto config = Load(files, paths);
  LogProgram program =
      DescribeProgram(files, units, "rsyslog", {"rsyslog.service", "rsyslogd.service"}, "rsyslogd");
  const bool none = absl::IsNotFound(config.status()) && !files.Exists(kMainFile);
  if (none && !program.active.value_or(false)) return;
  const size_t index = facts.programs.size();
  facts.programs.push_back(std::move(program));
  if (!config.ok()) {
    LogDestination one;
    one.program = index;
    one.place = kMainFile;
    one.problem = FromAbsl(config.status().message());
    one.perhaps.fill(0xff);
    facts.problems.push_back(one.problem);
    facts.destinations.push_back(std::move(one));
    return;
  }
  AddFlow(files, FollowRsyslog(*config), index, facts);
}

}  // namespace tom
