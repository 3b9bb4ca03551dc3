// What a boot starts: the units that default.target reaches.
#include <algorithm>

#include "checks/tables/unit_conditions.h"
#include "checks/tables/unit_files.h"

namespace tom {
namespace {

// What every usual boot reaches, assumed where a tree does not hold the targets themselves.
constexpr const char* kUsual[] = {"basic.target",      "sysinit.target", "local-fs.target",
                                  "swap.target",       "sockets.target", "timers.target",
                                  "paths.target",      "slices.target",  "remote-fs.target",
                                  "cryptsetup.target", "getty.target",   "local-fs-pre.target"};
// What no boot to multi-user.target reaches.
constexpr std::string_view kNever[] = {
    "rescue.target", "emergency.target", "shutdown.target",     "reboot.target",
    "halt.target",   "poweroff.target",  "kexec.target",        "exit.target",
    "sleep.target",  "suspend.target",   "hibernate.target",    "umount.target",
    "final.target",  "initrd.target",    "hybrid-sleep.target", "runlevel1.target"};

bool IsUsual(const std::string& id) {
  return std::find(std::begin(kUsual), std::end(kUsual), id) != std::end(kUsual);
}

std::string NameAt(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

// Its own and those of links to its file.
std::vector<std::string> UnitFiles::NamesOf(const Unit& unit) const {
  std::vector<std::string> names = {unit.id};
  if (unit.target.empty() || unit.id.find('@') != std::string::npos) return names;
  const std::string file = NameAt(unit.target);
  if (file != unit.id && paths_.count(file) != 0) names.push_back(file);
  const auto others = aliases_.find(file);
  if (others == aliases_.end()) return names;
  for (const auto& [name, config] : others->second) {
    if (name != unit.id) names.push_back(name);
  }
  return names;
}

void UnitFiles::Reach(const std::string& id, bool assumed, std::vector<std::string>& queue) {
  if (reached_->count(id) != 0 || reached_->size() > kMaxUnits) return;
  const Unit unit = Find(id);
  if (unit.masked || (unit.path.empty() && !assumed)) return;
  reached_->insert(id);
  queue.push_back(id);
  for (std::string& name : NamesOf(unit)) {
    if (reached_->insert(name).second) queue.push_back(std::move(name));
  }
}

const std::set<std::string>& UnitFiles::Reached() {
  if (reached_) return *reached_;
  reached_.emplace();
  std::vector<std::string> queue;
  const Unit start = Find("default.target");
  const std::string goal = start.path.empty() ? "graphical.target" : NameAt(start.target);
  if (start.masked) return *reached_;
  for (const std::string& id : {std::string("default.target"), goal}) Reach(id, true, queue);
  if (goal == "graphical.target") Reach("multi-user.target", true, queue);
  const bool usual = reached_->count("multi-user.target") != 0;
  for (const char* id : kUsual) {
    if (usual) Reach(id, true, queue);
  }
  while (!queue.empty()) {
    const std::string id = std::move(queue.back());
    queue.pop_back();
    const Unit unit = Find(id);
    const auto wanted = wanted_.find(id);
    if (wanted != wanted_.end()) {
      for (const std::string& one : wanted->second) Reach(one, IsUsual(one), queue);
    }
    for (const char* key : {"Wants", "Requires", "BindsTo", "Upholds"}) {
      for (const std::string& one : unit.content.Words("Unit", key)) {
        Reach(one, IsUsual(one), queue);
      }
    }
    const bool target = id.ends_with(".target");
    if (!target && UnitBoolean(unit.content.Value("Unit", "DefaultDependencies"), true)) {
      Reach("sysinit.target", true, queue);
    }
  }
  return *reached_;
}

std::optional<bool> UnitFiles::Starts(const Unit& unit) {
  if (unit.masked || unit.path.empty()) return false;
  const std::set<std::string>& reached = Reached();
  const auto names = NamesOf(unit);
  const bool at_boot = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return reached.count(name) != 0;
  });
  if (at_boot) return ConditionsHold(files_.env(), unit.content);
  const bool later =
      std::any_of(unit.started_by.begin(), unit.started_by.end(), [&](const std::string& one) {
        if (std::find(std::begin(kNever), std::end(kNever), one) != std::end(kNever)) return false;
        return !one.ends_with(".target") || !Find(one).path.empty();
      });
  return later ? std::nullopt : std::optional<bool>(false);
}

}  // namespace tom
