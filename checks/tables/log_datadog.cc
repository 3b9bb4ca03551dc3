// The Datadog agent's logs, for log_facts.h: datadog.yaml and the `logs` of conf.d as version 7
// reads them (its documentation, "Log collection" and "Agent transport for logs").
#include <fnmatch.h>

#include <algorithm>

#include "checks/engine/yaml_tree.h"
#include "checks/parse/account_lines.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/datadog_registry.h"
#include "checks/tables/datadog_transport.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/log_facts.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kFolder[] = "/etc/datadog-agent";
constexpr char kMain[] = "/etc/datadog-agent/datadog.yaml";
constexpr char kUser[] = "dd-agent";

absl::StatusOr<YamlNode> ReadYaml(ConfigFiles& files, const std::string& path) {
  const auto text = files.Read(path);
  if (!text.ok()) return text.status();
  return ParseYaml(*text, path);
}

// DD_… of the unit and of the file that it reads.
std::map<std::string, std::string> Environment(ConfigFiles& files, const Unit& unit) {
  std::map<std::string, std::string> variables;
  const auto take = [&](std::string_view line) {
    line = TrimLine(line);
    const size_t equals = line.find('=');
    if (!line.starts_with("DD_") || equals == std::string_view::npos) return;
    std::string value(line.substr(equals + 1));
    if (value.size() > 1 && (value[0] == '"' || value[0] == '\''))
      value = value.substr(1, value.size() - 2);
    variables[std::string(line.substr(0, equals))] = value;
  };
  for (const std::string& word : unit.content.Words("Service", "Environment")) take(word);
  const auto text = files.Read("/etc/datadog-agent/environment");
  if (text.ok()) {
    for (const NumberedLine& line : LinesOf(*text)) take(line.text);
  }
  return variables;
}

// What dd-agent may read.
class Reader {
 public:
  explicit Reader(ConfigFiles& files) {
    const auto passwd = files.Read("/etc/passwd");
    const auto group = files.Read("/etc/group");
    if (!passwd.ok() || !group.ok()) return;
    for (const PasswdEntry& one : ParsePasswd(*passwd).entries) {
      if (one.name != kUser) continue;
      known_ = true;
      uid_ = one.uid;
      groups_.push_back(one.gid);
    }
    for (const GroupEntry& one : ParseGroup(*group).entries) {
      const bool member =
          std::find(one.members.begin(), one.members.end(), kUser) != one.members.end();
      if (member) groups_.push_back(one.gid);
      if (member && (one.name == "systemd-journal" || one.name == "adm" || one.name == "wheel")) {
        journal_ = true;
      }
      if (member && one.name == "adm") adm_ = true;
    }
  }

  std::optional<bool> Journal() const {
    return known_ ? std::optional<bool>(journal_) : std::nullopt;
  }

  // Nothing: an access list may still let it in, or who it is is not known.
  std::optional<bool> File(Env& env, const std::string& path) const {
    if (!known_) return std::nullopt;
    const auto info = env.Stat(path);
    // rsyslogd makes it when it starts, as Debian has it: for root and adm.
    if (absl::IsNotFound(info.status())) return adm_ ? std::optional<bool>(true) : std::nullopt;
    if (!info.ok()) return std::nullopt;
    const bool owner = info->uid == uid_ && (info->mode & 0400) != 0;
    const bool member = std::find(groups_.begin(), groups_.end(), info->gid) != groups_.end();
    const bool others = (info->mode & 0004) != 0;
    if (owner || (member && (info->mode & 0040) != 0) || others) return true;
    return std::nullopt;
  }

 private:
  bool known_ = false;
  bool journal_ = false;
  bool adm_ = false;
  int64_t uid_ = -1;
  std::vector<int64_t> groups_;
};

bool LeavesOut(const YamlNode* rules) {
  if (rules == nullptr || rules->IsNull()) return false;
  if (!rules->IsSequence()) return true;
  for (const YamlNode& rule : rules->items) {
    const YamlNode* type = rule.Find("type");
    const std::string text = type == nullptr ? "" : type->text;
    if (text != "mask_sequences" && text != "multi_line") return true;
  }
  return false;
}

// What the logs agent says that it has sent. Configured and silent is not sending.
class SentState {
 public:
  static constexpr char kUsual[] = "/opt/datadog-agent/run/registry.json";

  // `elsewhere`: the configuration names another folder for it.
  SentState(ConfigFiles& files, bool elsewhere) {
    if (elsewhere) return;
    const auto info = files.env().Stat(kUsual);
    if (absl::IsNotFound(info.status())) {
      missing_ = true;
      return;
    }
    const auto text = files.env().ReadFile(kUsual, 16 << 20);
    const auto times =
        text.ok() ? ParseDatadogRegistry(*text) : absl::StatusOr<Times>(text.status());
    known_ = true;
    if (!info.ok() || !times.ok()) {
      problem_ = std::string(kUsual) + ": " +
                 std::string((info.ok() ? times.status() : info.status()).message());
      return;
    }
    written_ = info->modified;
    times_ = *times;
  }

  bool missing() const { return missing_; }
  const std::string& problem() const { return problem_; }
  std::optional<UnixSeconds> written() const { return written_; }

  // Whether it sent something of that source, where it tells, and nothing newer waits for it; `log`
  // is when something was last logged there. "" or why not.
  std::string Silence(const std::string& source, std::optional<UnixSeconds> log) const {
    constexpr int64_t kLate = 3600;
    constexpr int64_t kForgotten = 22 * 3600;  // entries go an hour later
    if (!known_) return "";
    if (!problem_.empty()) return problem_;
    const UnixSeconds logged = log.value_or(*written_);
    for (const auto& [name, time] : times_) {
      if (name.starts_with(source) && logged <= time + kLate) return "";
    }
    if (log && *log + kForgotten < *written_) return "";
    return std::string(kUsual) + ": nothing of " + source + " was sent lately";
  }

 private:
  using Times = std::map<std::string, UnixSeconds>;
  bool known_ = false;
  bool missing_ = false;
  std::string problem_;
  std::optional<UnixSeconds> written_;
  Times times_;
};

class Logs {
 public:
  Logs(ConfigFiles& files, LogFacts& facts, LogDestination& to, const SentState& sent)
      : files_(files), facts_(facts), to_(to), reader_(files), sent_(sent) {}

  void ReadFolder(const std::string& folder) {
    std::vector<std::string> paths;
    for (const char* pattern : {"/*.yaml", "/*.yml", "/*.d/*.yaml", "/*.d/*.yml"}) {
      for (std::string& path : files_.Match(folder + pattern)) paths.push_back(std::move(path));
    }
    for (const std::string& path : paths) {
      const std::string name = path.substr(path.rfind('/') + 1);
      if (files_.IsDirectory(path) || name == "metrics.yaml" || name.starts_with("auto_conf"))
        continue;
      ReadFile(path);
    }
  }

  size_t sources() const { return sources_; }

 private:
  void Note(const std::string& text) {
    if (facts_.notes.size() < 20) facts_.notes.push_back(text);
  }

  void ReadFile(const std::string& path) {
    const auto root = ReadYaml(files_, path);
    if (!root.ok()) {
      Doubt(std::string(FromAbsl(root.status().message())));
      return;
    }
    const YamlNode* list = root->Find("logs");
    if (list == nullptr || list->IsNull()) return;
    if (!list->IsSequence()) return Doubt(path + ": logs is no list");
    for (const YamlNode& one : list->items) {
      if (one.IsMap()) ReadSource(one, path + ":" + std::to_string(one.line));
    }
  }

  // Anything may come by it.
  void Doubt(const std::string& why) {
    facts_.problems.push_back(why);
    to_.perhaps.fill(0xff);
  }

  void ReadSource(const YamlNode& one, const std::string& place) {
    const YamlNode* type = one.Find("type");
    const std::string kind = type == nullptr ? "" : type->text;
    ++sources_;
    if (kind == "journald") return ReadJournal(one, place);
    if (kind == "file") return ReadFileSource(one, place);
    if (kind == "tcp" || kind == "udp") {
      to_.perhaps.fill(0xff);  // from whoever sends to it
      Note(place + ": what is sent to its port is not followed");
    }
  }

  void ReadJournal(const YamlNode& one, const std::string& place) {
    static constexpr const char* kFilters[] = {
        "include_units", "include_user_units", "include_matches",
        "exclude_units", "exclude_user_units", "exclude_matches",
        "path",          "container_mode"};
    bool all = facts_.journal.problem.empty() && facts_.journal.storage != "none";
    for (const char* filter : kFilters) {
      const YamlNode* value = one.Find(filter);
      if (value != nullptr && !value->IsNull() && value->text != "false") all = false;
    }
    if (LeavesOut(one.Find("log_processing_rules"))) all = false;
    if (!all) Note(place + ": takes a part of the journal");
    const auto may = reader_.Journal();
    if (may == std::optional<bool>(false)) {
      Note(place + ": dd-agent is in no group that may read the journal");
      return;
    }
    const std::string silence = sent_.Silence("journald:", std::nullopt);
    if (!silence.empty()) Note(silence);
    Add(all && may.has_value() && silence.empty(), facts_.journal.stored, {});
  }

  void Add(bool surely, uint8_t severities, const SyslogMask& of) {
    for (size_t i = 0; i < kSyslogFacilities; ++i) {
      const uint8_t mask = severities != 0 ? severities : of[i];
      to_.perhaps[i] = static_cast<uint8_t>(to_.perhaps[i] | mask);
      if (surely) to_.surely[i] = static_cast<uint8_t>(to_.surely[i] | mask);
    }
  }

  void ReadFileSource(const YamlNode& one, const std::string& place) {
    const YamlNode* path = one.Find("path");
    if (path == nullptr || path->text.empty() || path->text[0] != '/') return;
    const bool whole =
        !LeavesOut(one.Find("log_processing_rules")) && one.Find("exclude_paths") == nullptr;
    const bool runs = RsyslogRuns();
    for (const auto& [file, mask] : facts_.files) {
      const bool fits =
          path->text == file || (HasGlobCharacters(path->text) && GlobMatches(path->text, file));
      if (!fits) continue;
      const auto may = reader_.File(files_.env(), file);
      if (!may) Note(place + ": it is not known whether dd-agent may read " + file);
      if (!whole) Note(place + ": takes a part of " + file);
      const auto info = files_.env().Stat(file);
      const std::string silence =
          info.ok() && info->size > 0 ? sent_.Silence("file:" + file, info->modified) : "";
      if (!silence.empty()) Note(silence);
      Add(whole && runs && may.value_or(false) && silence.empty(), 0, mask);
    }
  }

  bool RsyslogRuns() const {
    return std::any_of(facts_.programs.begin(), facts_.programs.end(), [](const LogProgram& one) {
      return one.name == "rsyslog" && one.MayRun() && one.active != std::optional<bool>(false);
    });
  }

  static bool GlobMatches(const std::string& pattern, const std::string& path) {
    return fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  }

  ConfigFiles& files_;
  LogFacts& facts_;
  LogDestination& to_;
  Reader reader_;
  const SentState& sent_;
  size_t sources_ = 0;
};

bool StateIsElsewhere(const YamlNode& root, const std::map<std::string, std::string>& variables) {
  const YamlNode* logs = root.Find("logs_config");
  return root.Find("run_path") != nullptr ||
         (logs != nullptr && logs->IsMap() && logs->Find("run_path") != nullptr) ||
         variables.contains("DD_RUN_PATH") || variables.contains("DD_LOGS_CONFIG_RUN_PATH");
}

// The state is written anew every second: on a running host its time tells whether it runs.
void HoldAgainstState(Env& env, const SentState& sent, bool running, LogDestination& one) {
  constexpr int64_t kLate = 900;
  if (!running || one.works == std::optional<bool>(false)) return;
  if (sent.missing()) {
    one.works = std::nullopt;
    one.problem = std::string(SentState::kUsual) + " is not there: what it has sent is not known";
  } else if (sent.written() && env.Now() - *sent.written() > kLate) {
    one.works = false;
    one.problem = std::string(SentState::kUsual) + " was last written " +
                  FormatUtc(*sent.written()) + ": its logs agent does not run";
  }
}

}  // namespace

void AddDatadog(ConfigFiles& files, UnitFiles& units, LogFacts& facts) {
  const auto text = files.Read(kMain);
  if (absl::IsNotFound(text.status())) return;
  LogProgram program =
      DescribeProgram(files, units, "datadog-agent", {"datadog-agent.service"}, "agent");
  LogDestination one;
  one.program = facts.programs.size();
  one.place = kMain;
  facts.programs.push_back(std::move(program));
  const auto root = text.ok() ? ParseYaml(*text, kMain) : absl::StatusOr<YamlNode>(text.status());
  if (!root.ok()) {
    one.problem = FromAbsl(root.status().message());
    one.perhaps.fill(0xff);
    facts.problems.push_back(one.problem);
    facts.destinations.push_back(std::move(one));
    return;
  }
  const std::map<std::string, std::string> variables =
      Environment(files, units.Find("datadog-agent.service"));
  const DatadogTransport transport = ReadDatadogTransport(*root, variables);
  if (transport.logs_enabled == std::optional<bool>(false)) {
    facts.notes.emplace_back("the Datadog agent takes no logs (logs_enabled)");
    one.works = false;
    one.problem = "logs_enabled is not true";
  }
  one.target = transport.host;
  one.port = transport.port;
  one.protocol = transport.protocol;
  one.encrypted = transport.encrypted;
  one.verified = transport.verified;
  if (transport.logs_enabled == std::optional<bool>(true)) {
    one.works = transport.works;
    one.problem = transport.problem;
  }
  const SentState sent(files, StateIsElsewhere(*root, variables));
  HoldAgainstState(files.env(), sent,
                   facts.programs[one.program].active == std::optional<bool>(true), one);
  Logs logs(files, facts, one, sent);
  logs.ReadFolder(transport.conf_folder.empty() ? std::string(kFolder) + "/conf.d"
                                                : transport.conf_folder);
  if (logs.sources() == 0) facts.notes.emplace_back("the Datadog agent's conf.d names no logs");
  if (transport.leaves_out) one.surely = {};
  facts.destinations.push_back(std::move(one));
}

}  // namespace tom
