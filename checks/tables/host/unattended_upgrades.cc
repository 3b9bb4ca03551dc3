// Whether security updates are really installed by themselves: one row with all that has to hold.
// apt's own timers run apt.systemd.daily, which asks apt's configuration (APT::Periodic), fetches
// the lists and runs unattended-upgrade, which takes the origins that it is told to. A later file,
// a mask or a list of packages that are left out can switch each of them off.
#include <fnmatch.h>

#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/os_release.h"
#include "checks/tables/apt_state.h"
#include "checks/tables/touch_lists.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kProgram[] = "/usr/bin/unattended-upgrade";
constexpr char kDaily[] = "/usr/lib/apt/apt.systemd.daily";
constexpr char kLastUpgrade[] = "/var/lib/apt/periodic/upgrade-stamp";
constexpr char kLastUpdate[] = "/var/lib/apt/periodic/update-stamp";

// How often, as apt.systemd.daily reads it: days, with s, m, h or d at its end, or "always".
// Nothing where it could not; 0 never.
std::optional<int64_t> Seconds(const std::string& text) {
  if (text == "always") return 1;
  if (text.empty() || text.size() > 9) return std::nullopt;
  const bool unit = std::string_view("smhd").find(text.back()) != std::string_view::npos;
  const std::string digits = unit ? text.substr(0, text.size() - 1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const int64_t number = std::stoll(digits);
  const char kind = unit ? text.back() : 'd';
  return number * (kind == 's' ? 1 : kind == 'm' ? 60 : kind == 'h' ? 3600 : 86400);
}

struct Distribution {
  std::string id;
  std::string codename;
};

Distribution ReadDistribution(Env& env) {
  Distribution distribution;
  const auto text = env.ReadFile("/etc/os-release", 64 << 10);
  if (!text.ok()) return distribution;
  const OsRelease release = ParseOsRelease(*text);
  const auto field = [&](const char* name) {
    const auto found = release.fields.find(name);
    return found == release.fields.end() ? "" : found->second;
  };
  distribution.id = field("ID");
  // The program asks lsb_release, which says Debian and Ubuntu.
  if (!distribution.id.empty()) distribution.id[0] = UpperAscii(distribution.id[0]);
  distribution.codename = field("VERSION_CODENAME");
  return distribution;
}

void Replace(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class Origins {
 public:
  Origins(const AptConfig& config, const Distribution& distribution) {
    for (std::string pattern : config.List("Unattended-Upgrade::Origins-Pattern")) {
      patterns_.push_back(Filled(std::move(pattern), distribution));
    }
    // "origin:archive" is the older form.
    for (std::string old : config.List("Unattended-Upgrade::Allowed-Origins")) {
      old = Filled(std::move(old), distribution);
      const size_t colon = old.find(':');
      if (colon == std::string::npos) continue;
      patterns_.push_back("origin=" + old.substr(0, colon) + ",archive=" + old.substr(colon + 1));
    }
  }

  const std::vector<std::string>& patterns() const { return patterns_; }

  bool Take(const AptRepository& repository) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const std::string& pattern) { return Matches(pattern, repository); });
  }

 private:
  static std::string Filled(std::string text, const Distribution& distribution) {
    Replace(text, "${distro_id}", distribution.id);
    Replace(text, "${distro_codename}", distribution.codename);
    return text;
  }

  // Every member has to match (match_whitelist_string of unattended-upgrades 2.9). A member that is
  // not known matches nothing.
  static bool Matches(const std::string& pattern, const AptRepository& repository) {
    const AptRelease& release = repository.release;
    bool any = false;
    for (const std::string_view member : WordsOf(pattern, ",")) {
      const size_t equals = member.find('=');
      if (equals == std::string_view::npos) return false;
      std::string_view key = member.substr(0, equals);
      while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
      const std::string value(member.substr(equals + 1));
      std::string is;
      if (key == "o" || key == "origin") {
        is = release.origin;
      } else if (key == "l" || key == "label") {
        is = release.label;
      } else if (key == "a" || key == "suite" || key == "archive") {
        is = release.suite;
      } else if (key == "n" || key == "codename") {
        is = release.codename;
      } else {
        return false;  // component and site narrow: not followed
      }
      if (fnmatch(value.c_str(), is.c_str(), 0) != 0) return false;
      any = true;
    }
    return any;
  }

  std::vector<std::string> patterns_;
};

// What has to hold, one after the other; the first that does not is the reason.
class Judgement {
 public:
  void Need(bool holds, std::string_view otherwise) {
    if (!holds && why_.empty()) why_ = otherwise;
    runs_ = runs_ && holds;
  }
  void NotKnown(std::string_view what) {
    known_ = false;
    if (doubt_.empty()) doubt_ = what;
  }
  // A reason that it does not run is one, whatever else is not known.
  Value runs() const { return !runs_ ? Value(int64_t{0}) : known_ ? Value(int64_t{1}) : Value(); }
  std::string why() const { return !runs_ ? why_ : known_ ? "" : doubt_; }

 private:
  bool runs_ = true;
  bool known_ = true;
  std::string why_;
  std::string doubt_;
};

bool TimerRuns(UnitFiles& units, const std::string& name, Judgement& judgement) {
  const Unit timer = units.Find(name + ".timer");
  const Unit service = units.Find(name + ".service");
  if (!timer.problem.empty()) judgement.NotKnown(timer.problem);
  if (!service.problem.empty()) judgement.NotKnown(service.problem);
  const bool starts = !timer.path.empty() && !timer.masked && !timer.started_by.empty();
  const bool times = !timer.content.Values("Timer", "OnCalendar").empty() ||
                     !timer.content.Values("Timer", "OnUnitActiveSec").empty();
  const std::string command = service.content.Value("Service", "ExecStart");
  const bool own = command.starts_with(kDaily);
  return starts && times && !service.path.empty() && !service.masked && own;
}

void JudgePeriodic(const AptConfig& config, Judgement& judgement) {
  const auto judge = [&](const char* name, const char* otherwise, const char* what) {
    const auto seconds = Seconds(config.Value(name, otherwise));
    if (!seconds) judgement.NotKnown(std::string(name) + " is not understood");
    judgement.Need(!seconds || *seconds > 0, what);
  };
  judge("APT::Periodic::Enable", "1", "APT::Periodic::Enable is 0");
  judge("APT::Periodic::Update-Package-Lists", "0", "lists are not fetched by themselves");
  judge("APT::Periodic::Unattended-Upgrade", "0", "APT::Periodic::Unattended-Upgrade is not set");
}

void JudgeOrigins(const Origins& origins, const std::vector<AptRepository>& repositories,
                  Judgement& judgement) {
  bool any = false;
  bool all = true;
  for (const AptRepository& one : repositories) {
    if (!one.security || !one.source.enabled || one.source.type != "deb") continue;
    any = true;
    all = all && origins.Take(one);
  }
  judgement.Need(!origins.patterns().empty(), "no origin is named that updates are taken from");
  if (!any) return judgement.NotKnown("apt knows no suite of security updates");
  judgement.Need(all, "the origins that are named do not cover the security updates");
}

void JudgeTimers(Env& env, UnitFiles& units, Judgement& judgement) {
  if (!units.HasSystemd()) return judgement.NotKnown("no systemd runs here, whose timers start it");
  judgement.Need(TimerRuns(units, "apt-daily", judgement), "apt-daily.timer does not run");
  judgement.Need(TimerRuns(units, "apt-daily-upgrade", judgement),
                 "apt-daily-upgrade.timer does not run");
  const auto daily = env.Stat(kDaily);
  if (!daily.ok() && !absl::IsNotFound(daily.status())) {
    judgement.NotKnown(std::string(daily.status().message()));
  } else {
    judgement.Need(daily.ok() && (daily->mode & 0111) != 0, "apt.systemd.daily is missing");
  }
}

// A list of what alone is taken leaves everything else out.
std::string LeftOut(const AptConfig& config) {
  std::vector<std::string> words = config.List("Unattended-Upgrade::Package-Blacklist");
  for (const std::string& one : config.List("Unattended-Upgrade::Package-Whitelist")) {
    words.push_back("all but " + one);
  }
  return JoinWords(words);
}

Value TimeOf(Env& env, const char* path) {
  const auto info = env.Stat(path);
  return info.ok() ? Value(info->modified) : Value();
}

absl::Status GenerateUnattended(Env& env, const TableContext&, RowSink& sink) {
  if (absl::IsNotFound(env.Lstat("/etc/apt").status())) return absl::OkStatus();  // no apt here
  ConfigFiles files(env);
  const AptConfig config = LoadAptConfig(files);
  const std::vector<AptRepository> repositories = LoadAptRepositories(files);
  UnitFiles units(env);
  const Origins origins(config, ReadDistribution(env));
  Judgement judgement;
  const auto program = env.Stat(kProgram);
  if (!program.ok() && !absl::IsNotFound(program.status()))
    judgement.NotKnown(std::string(program.status().message()));
  judgement.Need(!absl::IsNotFound(program.status()), "unattended-upgrades is not installed");
  JudgePeriodic(config, judgement);
  JudgeOrigins(origins, repositories, judgement);
  JudgeTimers(env, units, judgement);
  for (const ConfigFiles* one : {&files}) {
    for (const std::string& problem : one->problems()) {
      judgement.NotKnown(problem);
      sink.Incomplete(problem);
    }
  }
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  sink.Add({{"installed", int64_t{program.ok()}},
            {"enable", config.Value("APT::Periodic::Enable", "1")},
            {"update_lists", config.Value("APT::Periodic::Update-Package-Lists", "0")},
            {"upgrade", config.Value("APT::Periodic::Unattended-Upgrade", "0")},
            {"origins", JoinWords(origins.patterns(), "; ")},
            {"left_out", LeftOut(config)},
            {"days", JoinWords(config.List("Unattended-Upgrade::Update-Days"))},
            {"runs", judgement.runs()},
            {"why", judgement.why()},
            {"last_update", TimeOf(env, kLastUpdate)},
            {"last_upgrade", TimeOf(env, kLastUpgrade)}});
  return absl::OkStatus();
}

}  // namespace

Table unattended_upgrades_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "unattended_upgrades",
      .description = "Whether security updates are installed by themselves; no row without apt",
      .columns = {{.name = "installed", .type = kInt, .description = "1: the program is there"},
                  {.name = "enable", .description = "APT::Periodic::Enable"},
                  {.name = "update_lists", .description = "APT::Periodic::Update-Package-Lists"},
                  {.name = "upgrade", .description = "APT::Periodic::Unattended-Upgrade"},
                  {.name = "origins", .description = "Patterns of what is taken, semicolons"},
                  {.name = "left_out", .description = "Patterns of packages that are not taken"},
                  {.name = "days", .description = "Days to which it is restricted"},
                  {.name = "runs",
                   .type = kInt,
                   .description = "1: it would run and take security updates; NULL: not known"},
                  {.name = "why", .description = "Why not, or why that is not known"},
                  {.name = "last_update",
                   .type = kBig,
                   .description = "When lists were fetched last by themselves, Unix seconds"},
                  {.name = "last_upgrade",
                   .type = kBig,
                   .description = "When updates were last installed by themselves"}},
      .generate = GenerateUnattended,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = AptTouches();
        Append(touches, UnitTouches(env));
        Append(touches, FileTouches({"/etc/apt", "/etc/os-release", kProgram, kDaily, kLastUpdate,
                                     kLastUpgrade},
                                    "whether updates install themselves"));
        return touches;
      }};
}

}  // namespace tom
