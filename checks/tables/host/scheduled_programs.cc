// Everything that runs as root by the clock, and whether somebody else can change it: cron's tables
// and scripts, and the programs that their commands plainly name. What runs as another user has to
// be guarded from all but that user.
#include <map>
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/cron_files.h"
#include "checks/tables/path_guard.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

class ProgramScan {
 public:
  ProgramScan(Env& env, RowSink& sink) : env_(env), sink_(sink), guard_(env) {
    const auto users = ReadPasswd(env, sink);
    if (!users.ok()) return;
    for (const PasswdEntry& user : users->entries) ids_.emplace(user.name, user.uid);
  }

  void Row(const char* kind, const std::string& path, const std::string& source, uint32_t owner) {
    if (full_ || !seen_.insert({path, owner}).second) return;
    const auto weakness = guard_.Weakness(path, owner);
    if (absl::IsNotFound(weakness.status()) && kind == std::string_view("program")) return;
    if (!weakness.ok()) sink_.Incomplete(std::string(weakness.status().message()));
    const auto info = env_.Stat(path);
    const Value mode = info.ok() ? Value(int64_t{info->mode}) : Value();
    full_ = !sink_.Add({{"kind", kind},
                        {"path", path},
                        {"source", source},
                        {"uid", info.ok() ? Value(int64_t{info->uid}) : Value()},
                        {"mode", mode},
                        {"guarded", weakness.ok() ? Value(int64_t{weakness->empty()}) : Value()},
                        {"weakness", weakness.ok() ? *weakness : ""}});
  }

  void Table(const CronFile& file) {
    if (!file.system) return;  // its own user's affair
    Row("table", file.path, file.path, 0);
    for (const CronEntry& entry : file.table.entries) {
      const auto id = ids_.find(entry.user);
      const uint32_t owner = id == ids_.end() ? 0 : static_cast<uint32_t>(id->second);
      for (const std::string& program : CronPrograms(entry.command)) {
        const auto info = env_.Stat(program);
        const bool runnable =
            info.ok() && info->kind == FileKind::kRegular && (info->mode & 0111) != 0;
        if (runnable) Row("program", program, file.path, owner);
      }
    }
  }

 private:
  Env& env_;
  RowSink& sink_;
  PathGuard guard_;
  std::map<std::string, int64_t> ids_;
  std::set<std::pair<std::string, uint32_t>> seen_;
  bool full_ = false;
};

absl::Status GeneratePrograms(Env& env, const TableContext&, RowSink& sink) {
  ProgramScan scan(env, sink);
  for (const CronFile& file : ReadCronFiles(env, sink)) scan.Table(file);
  for (const std::string& script : CronScripts(env, sink)) scan.Row("script", script, "", 0);
  return absl::OkStatus();
}

std::vector<Touch> ProgramTouches(Env& env, const Declared&) {
  class Nothing : public RowSink {
   public:
    bool Add(std::initializer_list<std::pair<std::string_view, Value>>) override { return true; }
    bool AddRow(ValueRow) override { return true; }
    void Incomplete(std::string) override {}
  };
  Nothing nothing;
  std::vector<Touch> touches = CronTouches();
  Append(touches, AccountTouches());
  Append(touches,
         FileTouches({"/", "/etc", "/var", "/var/spool"}, "who may change what cron runs"));
  std::vector<std::string> paths = CronScripts(env, nothing);
  for (const CronFile& file : ReadCronFiles(env, nothing)) {
    paths.push_back(file.path);
    for (const CronEntry& entry : file.table.entries) {
      for (std::string& program : CronPrograms(entry.command)) paths.push_back(std::move(program));
    }
  }
  for (const std::string& path : paths) {
    Append(touches, PathTouches(path, "who may change what cron runs"));
    const auto real = RealPath(env, path);
    if (real.ok()) Append(touches, PathTouches(*real, "who may change what cron runs"));
  }
  return touches;
}

}  // namespace

Table scheduled_programs_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "scheduled_programs",
          .description = "What cron runs for the system, and who else can change it",
          .columns = {{.name = "kind", .description = "table, script or program"},
                      {.name = "path", .description = "The file"},
                      {.name = "source", .description = "Table that names the program"},
                      {.name = "uid", .type = ColumnType::kBigint, .description = "Owner"},
                      {.name = "mode", .type = kInt, .description = "Permission bits"},
                      {.name = "guarded",
                       .type = kInt,
                       .description = "1: nobody but root, or whom it runs as, can change it"},
                      {.name = "weakness", .description = "What lets others change it"}},
          .generate = GeneratePrograms,
          .touches = ProgramTouches};
}

}  // namespace tom
