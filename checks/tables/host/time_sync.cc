// What keeps the clock right: each service for time on the disk, whether it starts, whether it
// runs, and what it asks. A service that has nobody to ask keeps nothing right.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/tables/drop_ins.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/touch_lists.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Keeper {
  const char* name;
  std::vector<std::string> units;
  std::vector<std::string> programs;  // one of them
};

const std::vector<Keeper> kKeepers = {
    {"systemd-timesyncd",
     {"systemd-timesyncd.service"},
     {"/usr/lib/systemd/systemd-timesyncd", "/lib/systemd/systemd-timesyncd"}},
    {"chrony", {"chrony.service", "chronyd.service"}, {"/usr/sbin/chronyd"}},
    {"ntpsec", {"ntpsec.service", "ntp.service", "ntpd.service"}, {"/usr/sbin/ntpd"}},
    {"openntpd", {"openntpd.service"}, {"/usr/sbin/ntpd"}}};

const std::vector<std::string> kTimesyncFolders = {
    "/etc/systemd/timesyncd.conf.d", "/run/systemd/timesyncd.conf.d",
    "/usr/local/lib/systemd/timesyncd.conf.d", "/usr/lib/systemd/timesyncd.conf.d",
    "/lib/systemd/timesyncd.conf.d"};

// NTP= and FallbackNTP= of timesyncd.conf(5). The main file is weaker than every drop-in. Where
// nothing is set the program's own default holds, which Debian sets to its pool.
std::string TimesyncServers(ConfigFiles& files) {
  UnitFile settings;
  std::vector<std::string> paths = {"/etc/systemd/timesyncd.conf"};
  for (const DropIn& one : ListDropIns(files, kTimesyncFolders, ".conf")) {
    if (!one.masked) paths.push_back(one.path);
  }
  bool fallback_emptied = false;
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      files.Problem(text.status());
      continue;
    }
    settings.Read(*text);
    for (const NumberedLine& line : LinesOf(*text)) {
      if (TrimLine(line.text) == "FallbackNTP=") fallback_emptied = true;
    }
  }
  std::vector<std::string> servers = settings.Words("Time", "NTP");
  if (!servers.empty()) return JoinWords(servers);
  servers = settings.Words("Time", "FallbackNTP");
  if (!servers.empty()) return JoinWords(servers);
  return fallback_emptied ? "" : "(built in)";
}

// server, pool and peer lines of chrony.conf(5) and ntp.conf(5), with chrony's folders of sources.
class ServerLines {
 public:
  explicit ServerLines(ConfigFiles& files) : files_(files) {}

  void Read(const std::string& path, int depth = 0) {
    const auto text = files_.Read(path);
    if (absl::IsNotFound(text.status())) return;
    if (!text.ok()) return files_.Problem(text.status());
    if (depth > 4) return files_.Problem(path + ": included too deep");
    for (const NumberedLine& line : LinesOf(*text)) {
      const auto words = WordsOf(line.text);
      if (words.size() < 2 || words[0][0] == '#' || words[0][0] == '!') continue;
      Directive(words, depth);
    }
  }

  void Folder(const std::string& folder, const std::string& suffix, int depth) {
    for (const DropIn& one : ListDropIns(files_, {folder}, suffix)) {
      if (!one.masked) Read(one.path, depth + 1);
    }
  }

  std::string servers() const { return JoinWords(servers_); }

 private:
  void Directive(const std::vector<std::string_view>& words, int depth) {
    const std::string_view word = words[0];
    const std::string value(words[1]);
    static constexpr std::string_view kServers[] = {"server", "pool", "peer", "servers",
                                                    "refclock"};
    const auto is = [&](std::string_view name) { return EqualsNoCase(word, name); };
    if (std::any_of(std::begin(kServers), std::end(kServers), is)) {
      // 127.127.x.x are drivers of ntpd: 127.127.1.x is this machine's own clock. Sources that are
      // offline until somebody says otherwise, or never selected, correct nothing.
      const bool idle = HasWord(words, "offline") || HasWord(words, "noselect");
      const bool own = value.starts_with("127.127.1.") || value == "127.0.0.1" || value == "::1" ||
                       EqualsNoCase(value, "localhost");
      if (!idle && !own && servers_.size() < 100) servers_.push_back(value);
    } else if (is("confdir")) {
      Folder(value, ".conf", depth);
    } else if (is("sourcedir")) {
      Folder(value, ".sources", depth);
    } else if (is("include")) {
      for (const std::string& path : files_.Match(value)) Read(path, depth + 1);
    }
  }

  ConfigFiles& files_;
  std::vector<std::string> servers_;
};

std::string Servers(ConfigFiles& files, const std::string& keeper) {
  if (keeper == "systemd-timesyncd") return TimesyncServers(files);
  ServerLines lines(files);
  if (keeper == "chrony") {
    lines.Read("/etc/chrony/chrony.conf");
    lines.Read("/etc/chrony.conf");
  } else if (keeper == "openntpd") {
    lines.Read("/etc/openntpd/ntpd.conf");
  } else {
    for (const char* path : {"/etc/ntpsec/ntp.conf", "/etc/ntp.conf"}) lines.Read(path);
    lines.Folder("/etc/ntpsec/ntp.d", ".conf", 0);
  }
  return lines.servers();
}

// The first of its units that is there.
Unit UnitOf(UnitFiles& units, const Keeper& keeper) {
  Unit unit;
  for (const std::string& id : keeper.units) {
    unit = units.Find(id);
    if (!unit.path.empty() || !unit.problem.empty()) return unit;
  }
  return unit;
}

absl::Status GenerateTimeSync(Env& env, const TableContext&, RowSink& sink) {
  UnitFiles units(env);
  ConfigFiles files(env);
  for (const Keeper& keeper : kKeepers) {
    const Unit unit = UnitOf(units, keeper);
    if (unit.path.empty() && unit.problem.empty()) continue;
    if (!unit.problem.empty()) sink.Incomplete(unit.problem);
    const std::string servers = Servers(files, keeper.name);
    const bool program = std::any_of(keeper.programs.begin(), keeper.programs.end(),
                                     [&](const std::string& path) { return env.Stat(path).ok(); });
    const auto starts = program ? units.Starts(unit) : false;
    const auto active = units.Active(unit.id);
    sink.Add({{"service", keeper.name},
              {"unit", unit.id},
              {"unit_file_state", unit.problem.empty() ? Value(unit.state) : Value()},
              {"starts", unit.problem.empty() && starts ? Value(int64_t{*starts}) : Value()},
              {"active", active ? Value(int64_t{*active}) : Value()},
              {"servers", servers}});
  }
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table time_sync_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "time_sync",
          .description = "Services that keep the clock right",
          .columns = {{.name = "service", .description = "systemd-timesyncd, chrony, ntpsec, …"},
                      {.name = "unit", .description = "Its unit"},
                      {.name = "unit_file_state", .description = "As systemctl is-enabled says it"},
                      {.name = "starts", .type = kInt, .description = "1: it starts at boot"},
                      {.name = "active", .type = kInt, .description = "1: it runs; NULL: not told"},
                      {.name = "servers", .description = "Whom it asks; empty: nobody"}},
          .generate = GenerateTimeSync,
          .touches = [](Env& env, const Declared&) {
            std::vector<Touch> touches = UnitTouches(env);
            Append(
                touches,
                FileTouches({"/usr/lib/systemd/systemd-timesyncd", "/lib/systemd/systemd-timesyncd",
                             "/usr/sbin/chronyd", "/usr/sbin/ntpd", "/etc/systemd/timesyncd.conf",
                             "/etc/systemd/timesyncd.conf.d/**", "/run/systemd/**",
                             "/usr/local/lib/systemd/**", "/usr/lib/systemd/**", "/lib/systemd/**",
                             "/etc/systemd/**", "/etc/chrony/**", "/etc/chrony.conf",
                             "/run/chrony-dhcp", "/run/chrony-dhcp/*", "/etc/ntpsec/**",
                             "/etc/ntp.conf", "/etc/openntpd/ntpd.conf"},
                            "what keeps the clock right"));
            return touches;
          }};
}

}  // namespace tom
