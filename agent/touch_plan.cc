#include "agent/touch_plan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_replace.h"
#include "checks/engine/sql_engine.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Absolute paths between single quotes, as patterns; LIKE's wildcard is a touch's.
std::vector<std::string> PathLiterals(const std::string& sql) {
  std::vector<std::string> paths;
  for (size_t at = sql.find('\''); at != std::string::npos; at = sql.find('\'', at)) {
    const size_t end = sql.find('\'', at + 1);
    if (end == std::string::npos) break;
    const std::string text = sql.substr(at + 1, end - at - 1);
    if (!text.empty() && text[0] == '/') {
      paths.push_back(absl::StrReplaceAll(ToAbsl(text), {{"%", "**"}}));
    }
    at = end + 1;
  }
  return paths;
}

// Its rows are the paths that a query asks for.
bool LooksWhereAsked(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const Column& column) {
    return column.pushdown && (column.name == "path" || column.name == "directory");
  });
}

class Planner {
 public:
  Planner(const Selection& selection, Env& env, std::vector<Table> tables)
      : declared_(selection.examined.config.declared), env_(env) {
    const EvaluateRequest& request = selection.examined.request;
    if (request.root != "/") root_ = request.root;
    while (!root_.empty() && root_.back() == '/') root_.pop_back();
    for (Table& table : tables) {
      std::string name = table.name;
      tables_.emplace(std::move(name), std::move(table));
    }
  }

  absl::Status AddCheck(SqlEngine& engine, const Check& check) {
    const auto shape = engine.Examine(check.query);
    if (!shape.ok()) return Annotate(shape.status(), check.id);
    for (const std::string& name : shape->tables) {
      const auto table = tables_.find(name);
      if (table == tables_.end()) continue;  // json_each and the like
      if (LooksWhereAsked(table->second)) AddAsked(check, shape->tables);
      for (const Touch& touch : TouchesOf(table->second)) Add(touch, check.id);
    }
    return absl::OkStatus();
  }

  // Of the machine that the agent runs on, whatever is examined.
  void AddOwn(const std::string& path, const char* purpose) {
    if (path.empty()) return;
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    const std::string target = error ? path : absolute.lexically_normal().string();
    planned_[{TouchKind::kFile, target}].touch = {TouchKind::kFile, target, purpose};
  }

  void Add(Touch touch, const std::string& check) {
    if (touch.kind == TouchKind::kFile && !touch.of_host) touch.target.insert(0, root_);
    PlannedTouch& planned = planned_[{touch.kind, touch.target}];
    if (planned.touch.target.empty()) planned.touch = std::move(touch);
    if (!check.empty()) planned.checks.insert(check);
  }

  std::vector<PlannedTouch> Take() {
    std::vector<PlannedTouch> all;
    all.reserve(planned_.size());
    for (auto& [key, planned] : planned_) all.push_back(std::move(planned));
    return all;
  }

 private:
  void AddAsked(const Check& check, const std::set<std::string>& read) {
    for (const std::string& path : PathLiterals(check.query)) {
      Add({TouchKind::kFile, path, "named in the check's query"}, check.id);
    }
    for (const std::string& name : read) {
      const auto table = tables_.find(name);
      if (table == tables_.end() || LooksWhereAsked(table->second) || name == "data_paths")
        continue;
      Add({TouchKind::kFile, "/**", "paths that the query takes from " + name}, check.id);
    }
  }

  const std::vector<Touch>& TouchesOf(const Table& table) {
    const auto known = touches_.find(table.name);
    if (known != touches_.end()) return known->second;
    std::vector<Touch>& touches = touches_[table.name];
    if (table.touches) touches = table.touches(env_, declared_);
    return touches;
  }

  const Declared& declared_;
  Env& env_;
  std::string root_;
  std::map<std::string, Table> tables_;
  std::map<std::string, std::vector<Touch>> touches_;
  std::map<std::pair<TouchKind, std::string>, PlannedTouch> planned_;
};

// What the agent reads whatever is checked.
void AddAgentsOwn(const Selection& selection, const RootFlags& flags, Planner& planner) {
  const EvaluateRequest& request = selection.examined.request;
  planner.AddOwn((std::filesystem::path(flags.checks) / "**").string(), "the catalogue");
  planner.AddOwn((std::filesystem::path(flags.site_checks) / "*.yaml").string(),
                 "the site's own checks");
  planner.AddOwn(flags.site_checks, "the site's own checks");
  planner.AddOwn("/usr/share/zoneinfo/**", "time zones of profiles");
  if (request.root != "/") planner.AddOwn(request.root, "the examined root");
  const std::filesystem::path config =
      request.config_path.empty() ? kDefaultConfigPath : request.config_path;
  for (const std::string& path : {config.string(), (config.parent_path() / "agent.d").string(),
                                  (config.parent_path() / "agent.d/*.yaml").string()}) {
    if (request.config_in_root) {
      planner.Add({TouchKind::kFile, path, "the configuration"}, "");
    } else {
      planner.AddOwn(path, "the configuration");
    }
  }
  for (Touch& touch : FileTouches(
           {"/proc/sys/kernel/hostname", "/etc/hostname", "/etc/os-release", "/usr/lib/os-release"},
           "the host's name")) {
    planner.Add(std::move(touch), "");
  }
  planner.Add({TouchKind::kProgram, "/proc/self/exe", "the evaluator: this program, confined"}, "");
  planner.Add({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "files that others may not read"},
              "");
}

}  // namespace

absl::StatusOr<std::vector<PlannedTouch>> PlanTouches(const Selection& selection,
                                                      const RootFlags& flags, Env& env,
                                                      std::vector<Table> tables) {
  TOM_ASSIGN_OR_RETURN(const auto engine, SqlEngine::Create(tables, env, {}));
  Planner planner(selection, env, std::move(tables));
  for (const CheckJob& job : selection.plan.jobs) {
    TOM_RETURN_IF_ERROR(planner.AddCheck(*engine, job.check));
  }
  AddAgentsOwn(selection, flags, planner);
  return planner.Take();
}

}  // namespace tom
