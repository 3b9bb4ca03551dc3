// Whether security updates are really installed by themselves: one row with all that has to hold.
// apt's own timers run apt.systemd.daily, which asks apt's configuration (APT::Periodic), fetches
// the lists and runs unattended-upgrade, which takes the origins that it is told to. A later file,
// a mask or a list of packages that are left out can switch each of them off.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/deb_control.h"
#include "checks/parse/os_release.h"
#include "checks/parse/update_origins.h"
#include "checks/tables/apt_state.h"
#include "checks/tables/dpkg_state.h"
#include "checks/tables/drop_ins.h"
#include "checks/tables/touch_lists.h"
#include "checks/tables/unit_files.h"
#include "checks/tables/update_timers.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kProgram[] = "/usr/bin/unattended-upgrade";
// Where a service's PATH looks before.
constexpr const char* kShadows[] = {"/usr/local/sbin/unattended-upgrade",
                                    "/usr/local/bin/unattended-upgrade",
                                    "/usr/sbin/unattended-upgrade"};
constexpr char kPreferences[] = "/etc/apt/preferences.d";
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

UpdateOrigins ReadOrigins(const AptConfig& config, const Distribution& distribution) {
  UpdateOrigins origins(distribution.id, distribution.codename);
  for (const std::string& old : config.List("Unattended-Upgrade::Allowed-Origins")) {
    origins.AddLegacy(old);
  }
  for (const std::string& pattern : config.List("Unattended-Upgrade::Origins-Pattern")) {
    origins.AddPattern(pattern);
  }
  return origins;
}

// Each of its components; a flat repository has one without a name.
bool TakesAll(const UpdateOrigins& origins, const AptRepository& repository) {
  const AptRelease& release = repository.release;
  std::string site = repository.source.uri;
  const size_t slashes = site.find("://");
  site = slashes == std::string::npos ? "" : site.substr(slashes + 3);
  site.resize(std::min(site.find_first_of("/:"), site.size()));
  std::vector<std::string> components = repository.source.components;
  if (components.empty()) components.emplace_back();
  return std::all_of(components.begin(), components.end(), [&](const std::string& component) {
    return origins.Take({release.origin, release.label, release.suite, release.codename,
                         component.substr(component.rfind('/') + 1), site});
  });
}

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

void JudgeOrigins(const UpdateOrigins& origins, const std::vector<AptRepository>& repositories,
                  Judgement& judgement) {
  bool any = false;
  bool all = true;
  for (const AptRepository& one : repositories) {
    if (!one.security || !one.source.enabled || one.source.type != "deb") continue;
    any = true;
    all = all && TakesAll(origins, one);
  }
  judgement.Need(origins.problem().empty(), origins.problem());
  judgement.Need(!origins.patterns().empty(), "no origin is named that updates are taken from");
  if (!any) return judgement.NotKnown("apt knows no suite of security updates");
  judgement.Need(all, "the origins that are named do not cover the security updates");
}

void JudgeTimers(Env& env, UnitFiles& units, Judgement& judgement) {
  if (!units.HasSystemd()) return judgement.NotKnown("no systemd runs here, whose timers start it");
  for (const auto& [name, work] :
       {std::pair("apt-daily", "update"), std::pair("apt-daily-upgrade", "install")}) {
    const TimerVerdict timer = JudgeUpdateTimer(env, units, name, work);
    if (!timer.runs) judgement.NotKnown(timer.why);
    judgement.Need(timer.runs.value_or(true), timer.why);
  }
  const auto daily = env.Stat(kAptDaily);
  if (!daily.ok() && !absl::IsNotFound(daily.status())) {
    judgement.NotKnown(std::string(daily.status().message()));
  } else {
    judgement.Need(daily.ok() && (daily->mode & 0111) != 0, "apt.systemd.daily is missing");
  }
}

// A pin decides which version is taken; those of backports that stay below others change nothing.
bool PinsNothing(const DebStanza& stanza) {
  const std::string priority(stanza.Field("pin-priority"));
  const bool number = !priority.empty() && priority.size() <= 3 &&
                      priority.find_first_not_of("0123456789") == std::string::npos;
  return number && std::stoi(priority) > 0 && std::stoi(priority) < 500 &&
         stanza.Field("pin").find("backports") != std::string_view::npos;
}

// apt_preferences(5): names without an end, or with .pref.
void JudgePreferences(ConfigFiles& files, Judgement& judgement) {
  std::vector<std::string> paths = {"/etc/apt/preferences"};
  const auto names = files.env().ListDirectory(kPreferences);
  if (!names.ok() && !absl::IsNotFound(names.status())) files.Problem(names.status());
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    const size_t dot = name.find('.');
    if (dot != std::string::npos && name.substr(dot) != ".pref") continue;
    paths.push_back(std::string(kPreferences).append("/").append(name));
  }
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) files.Problem(text.status());
    const DebStanzas read = ParseDebStanzas(text.ok() ? *text : "");
    for (const DebStanza& stanza : read.stanzas) {
      if (!PinsNothing(stanza)) judgement.NotKnown(path + " pins versions of packages");
    }
  }
}

// The program as apt.systemd.daily finds it.
void JudgeProgram(Env& env, Judgement& judgement) {
  const auto program = env.Stat(kProgram);
  if (!program.ok() && !absl::IsNotFound(program.status()))
    judgement.NotKnown(std::string(program.status().message()));
  const bool runs = program.ok() && program->kind == FileKind::kRegular &&
                    (program->mode & 0111) != 0 && program->size > 0;
  judgement.Need(runs || (!program.ok() && !absl::IsNotFound(program.status())),
                 "unattended-upgrades is not installed");
  const auto end = EndOfLinks(env, kProgram);
  if (end.ok() && *end != kProgram && *end != std::string(kProgram).append("s"))
    judgement.NotKnown(std::string(kProgram) + " is a link to " + *end);
  for (const char* path : kShadows) {
    if (!absl::IsNotFound(env.Lstat(path).status()))
      judgement.NotKnown(std::string(path) + " is taken in its place");
  }
}

// A list of what alone is taken leaves everything else out, and so does a package on hold.
std::string LeftOut(Env& env, const AptConfig& config, RowSink& sink) {
  std::vector<std::string> words = config.List("Unattended-Upgrade::Package-Blacklist");
  const auto packages = ReadDpkgStatus(env, sink);
  for (size_t i = 0; packages.ok() && i < packages->size(); ++i) {
    const DebStanza& one = (*packages)[i];
    if (one.Field("status").starts_with("hold ") && words.size() < 100)
      words.push_back(std::string("on hold ").append(one.Field("package")));
  }
  for (const std::string& one : config.List("Unattended-Upgrade::Package-Whitelist")) {
    words.push_back("all but " + one);
  }
  return JoinWords(words);
}

// Both have to come round.
Value Every(const AptConfig& config) {
  const auto lists = Seconds(config.Value("APT::Periodic::Update-Package-Lists", "0"));
  const auto upgrade = Seconds(config.Value("APT::Periodic::Unattended-Upgrade", "0"));
  return lists && upgrade ? Value(std::max(*lists, *upgrade)) : Value();
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
  const UpdateOrigins origins = ReadOrigins(config, ReadDistribution(env));
  Judgement judgement;
  JudgeProgram(env, judgement);
  JudgePeriodic(config, judgement);
  JudgeOrigins(origins, repositories, judgement);
  JudgeTimers(env, units, judgement);
  JudgePreferences(files, judgement);
  for (const ConfigFiles* one : {&files}) {
    for (const std::string& problem : one->problems()) {
      judgement.NotKnown(problem);
      sink.Incomplete(problem);
    }
  }
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  sink.Add({{"installed", int64_t{env.Stat(kProgram).ok()}},
            {"enable", config.Value("APT::Periodic::Enable", "1")},
            {"update_lists", config.Value("APT::Periodic::Update-Package-Lists", "0")},
            {"upgrade", config.Value("APT::Periodic::Unattended-Upgrade", "0")},
            {"origins", JoinWords(origins.patterns(), "; ")},
            {"left_out", LeftOut(env, config, sink)},
            {"days", JoinWords(config.List("Unattended-Upgrade::Update-Days"))},
            {"every", Every(config)},
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
                  {.name = "every",
                   .type = kBig,
                   .description = "Seconds between two runs at least, of lists or of updates"},
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
        Append(touches, DpkgTouches());
        Append(touches,
               FileTouches({"/usr/bin/unattended-upgrades", "/usr/local/sbin/unattended-upgrade",
                            "/usr/local/bin/unattended-upgrade", "/usr/sbin/unattended-upgrade",
                            "/etc/apt/preferences", kPreferences, "/etc/apt/preferences.d/*"},
                           "what keeps updates from being installed"));
        Append(touches, FileTouches({"/etc/apt", "/etc/os-release", kProgram, kAptDaily,
                                     kLastUpdate, kLastUpgrade},
                                    "whether updates install themselves"));
        return touches;
      }};
}

}  // namespace tom
