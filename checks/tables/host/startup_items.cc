// What starts with the system: units that something starts, scripts of System V's init, rc.local,
// and what graphical sessions start.
#include <set>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/tables/touch_lists.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kRunLevels[] = {"/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d",
                                      "/etc/rcS.d"};
constexpr char kAutostart[] = "/etc/xdg/autostart";
constexpr char kRcLocal[] = "/etc/rc.local";

class StartupScan {
 public:
  StartupScan(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  void Units() {
    UnitFiles units(env_);
    for (const std::string& name : units.Names()) {
      if (!name.ends_with(".service")) continue;
      const Unit unit = units.Find(name);
      if (!unit.problem.empty()) sink_.Incomplete(unit.problem);
      if (unit.masked || unit.started_by.empty()) continue;
      if (unit.path.starts_with("/etc/init.d/")) continue;  // RunLevels
      std::string command = unit.content.Value("Service", "ExecStart");
      command.erase(0, command.find_first_not_of("@-:+!"));
      Row(name, command, "systemd unit", unit.path, unit.content.Value("Service", "User"));
    }
    for (const std::string& problem : units.problems()) sink_.Incomplete(problem);
  }

  // A link S20name starts /etc/init.d/name.
  void RunLevels() {
    std::set<std::string> seen;
    for (const char* folder : kRunLevels) {
      for (const std::string& name : Names(folder)) {
        if (name.size() < 4 || name[0] != 'S' || !seen.insert(name.substr(3)).second) continue;
        const std::string path = std::string(folder).append("/").append(name);
        Row(name.substr(3), path, "Startup Item", folder, "root");
      }
    }
    const auto local = env_.Stat(kRcLocal);
    if (local.ok() && (local->mode & 0111) != 0)
      Row("rc.local", kRcLocal, "Startup Item", kRcLocal, "root");
    if (!local.ok()) Say(local.status());
  }

  void Autostart() {
    for (const std::string& name : Names(kAutostart)) {
      if (!name.ends_with(".desktop")) continue;
      const std::string path = std::string(kAutostart).append("/").append(name);
      const auto text = env_.ReadFile(path, 1 << 20);
      if (!text.ok()) {
        Say(text.status());
        continue;
      }
      UnitFile entry;
      entry.Read(*text);
      const bool off = UnitBoolean(entry.Value("Desktop Entry", "Hidden"), false);
      if (!off) Row(name, entry.Value("Desktop Entry", "Exec"), "Startup Item", path, "");
    }
  }

 private:
  void Say(const absl::Status& status) {
    if (!absl::IsNotFound(status)) sink_.Incomplete(std::string(status.message()));
  }

  std::vector<std::string> Names(const char* folder) {
    auto names = env_.ListDirectory(folder);
    if (names.ok()) return *std::move(names);
    Say(names.status());
    return {};
  }

  void Row(const std::string& name, const std::string& command, const char* type,
           const std::string& source, const std::string& user) {
    if (full_) return;
    const std::string path = command.substr(0, command.find_first_of(" \t"));
    const std::string rest = command.substr(path.size());
    const size_t start = rest.find_first_not_of(" \t");
    full_ = !sink_.Add({{"name", name},
                        {"path", path},
                        {"args", start == std::string::npos ? "" : rest.substr(start)},
                        {"type", type},
                        {"source", source},
                        {"status", "enabled"},
                        {"username", user.empty() ? Value() : Value(user)}});
  }

  Env& env_;
  RowSink& sink_;
  bool full_ = false;
};

absl::Status GenerateStartup(Env& env, const TableContext&, RowSink& sink) {
  StartupScan scan(env, sink);
  scan.Units();
  scan.RunLevels();
  scan.Autostart();
  return absl::OkStatus();
}

}  // namespace

Table startup_items_table() {
  return {.name = "startup_items",
          .description = "What starts with the system",
          .columns = {{.name = "name", .description = "Of the unit, script or entry"},
                      {.name = "path", .description = "Program"},
                      {.name = "args", .description = "Its arguments"},
                      {.name = "type", .description = "systemd unit or Startup Item"},
                      {.name = "source", .description = "File or folder that starts it"},
                      {.name = "status", .description = "enabled: others are not listed"},
                      {.name = "username", .description = "Whom it runs as", .personal = "user"}},
          .generate = GenerateStartup,
          .touches = [](Env& env, const Declared&) {
            std::vector<Touch> touches = UnitTouches(env);
            Append(touches,
                   FileTouches({"/etc/rc*.d", "/etc/rc.local", kAutostart, "/etc/xdg/autostart/*"},
                               "what starts with the system"));
            return touches;
          }};
}

}  // namespace tom
