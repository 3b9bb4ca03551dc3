#include "checks/tables/unit_files.h"

#include <algorithm>

#include "checks/tables/drop_ins.h"
#include "checks/tables/path_recorder.h"
#include "checks/tables/unit_conditions.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kVendor[] = "/usr/lib/systemd/system";
constexpr char kOtherVendor[] = "/lib/systemd/system";  // the same on merged systems
// From the strongest on.
const std::vector<std::string> kFolders = {"/etc/systemd/system.control",
                                           "/run/systemd/system.control",
                                           "/run/systemd/transient",
                                           "/run/systemd/generator.early",
                                           "/etc/systemd/system",
                                           "/etc/systemd/system.attached",
                                           "/run/systemd/system",
                                           "/run/systemd/system.attached",
                                           "/run/systemd/generator",
                                           "/usr/local/lib/systemd/system",
                                           kVendor,
                                           kOtherVendor,
                                           "/run/systemd/generator.late"};
constexpr char kScripts[] = "/etc/init.d";
constexpr char kConfig[] = "/etc/systemd/system";

bool SameFolder(Env& env, const std::string& one, const std::string& other) {
  const auto first = env.Stat(one);
  const auto second = env.Stat(other);
  return first.ok() && second.ok() && first->inode != 0 && first->inode == second->inode &&
         first->device == second->device;
}

bool IsRuntime(const std::string& path) { return path.starts_with("/run/"); }

bool EndsWithAny(const std::string& text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return text.ends_with(end); });
}

bool IsUnitName(const std::string& name) {
  return EndsWithAny(name, {".service", ".socket", ".timer", ".target", ".mount", ".automount",
                            ".path", ".slice", ".swap", ".scope"});
}

std::string FileOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "a@.service" of "a@b.service"; empty where it is no instance.
std::string TemplateOf(const std::string& id) {
  const size_t at = id.find('@');
  const size_t dot = id.rfind('.');
  if (at == std::string::npos || dot == std::string::npos || dot <= at + 1) return "";
  return id.substr(0, at + 1) + id.substr(dot);
}

}  // namespace

UnitFiles::UnitFiles(Env& env) : files_(env) {
  for (const std::string& folder : kFolders) {
    if (folder != kOtherVendor || !SameFolder(env, kVendor, kOtherVendor)) Scan(folder);
  }
  ScanScripts();
}

void UnitFiles::ScanScripts() {
  Env& env = files_.env();
  const auto scripts = env.ListDirectory(kScripts);
  if (!scripts.ok()) {
    if (!absl::IsNotFound(scripts.status())) files_.Problem(scripts.status());
    return;
  }
  for (const std::string& name : *scripts) {
    std::string path = std::string(kScripts).append("/").append(name);
    const auto info = env.Stat(path);
    const bool runs = info.ok() && info->kind == FileKind::kRegular && (info->mode & 0111) != 0;
    if (!runs || paths_.size() > kMaxUnits) continue;
    const std::string stem = name.ends_with(".sh") ? name.substr(0, name.size() - 3) : name;
    paths_.emplace(std::string(stem).append(".service"), std::move(path));
  }
  for (const char* level : {"2", "3", "4", "5"}) {
    const std::string folder = std::string("/etc/rc").append(level).append(".d");
    const auto names = env.ListDirectory(folder);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      if (name.size() < 4 || name[0] != 'S') continue;
      const std::string stem = name.substr(3, name.ends_with(".sh") ? name.size() - 6 : name.npos);
      const std::string unit = std::string(stem).append(".service");
      const auto found = paths_.find(unit);
      if (found == paths_.end() || !found->second.starts_with(kScripts)) continue;
      wanted_["multi-user.target"].insert(unit);
      links_[unit].started_by.insert("multi-user.target");
    }
  }
}

void UnitFiles::Scan(const std::string& folder) {
  const auto names = files_.env().ListDirectory(folder);
  if (!names.ok()) {
    if (!absl::IsNotFound(names.status())) files_.Problem(names.status());
    return;
  }
  for (const std::string& name : *names) {
    if (paths_.size() + links_.size() + drop_ins_.size() > kMaxUnits) {
      return files_.Problem(folder + ": more units than are looked at");
    }
    std::string path = std::string(folder).append("/").append(name);
    if (EndsWithAny(name, {".wants", ".requires", ".upholds"})) {
      ScanLinks(folder, name);
    } else if (name.ends_with(".d")) {
      drop_ins_[name].push_back(std::move(path));
    } else if (IsUnitName(name)) {
      if (folder == kConfig || IsRuntime(folder)) {
        const auto end = EndOfLinks(files_.env(), path);
        if (end.ok() && FileOf(*end) != name) aliases_[FileOf(*end)][name] = folder == kConfig;
      }
      paths_.emplace(name, std::move(path));
    }
  }
}

void UnitFiles::ScanLinks(const std::string& folder, const std::string& name) {
  const std::string at = std::string(folder).append("/").append(name);
  const auto names = files_.env().ListDirectory(at);
  if (!names.ok()) return files_.Problem(names.status());
  for (const std::string& unit : *names) {
    const std::string path = std::string(at).append("/").append(unit);
    const auto info = files_.env().Lstat(path);
    if (!info.ok() || info->kind != FileKind::kSymlink) continue;  // systemd takes links alone
    if (links_.size() > kMaxUnits) return files_.Problem(at + ": more units than are looked at");
    Links& links = links_[unit];
    (folder == kConfig ? links.config : IsRuntime(folder) ? links.runtime : links.vendor) = true;
    const auto end = EndOfLinks(files_.env(), path);
    if (end.ok() && *end == "/dev/null") continue;  // enabled by name, and left out by systemd
    const std::string starter = name.substr(0, name.rfind('.'));
    links.started_by.insert(starter);
    wanted_[starter].insert(unit);
  }
}

std::vector<std::string> UnitFiles::Names() const {
  std::vector<std::string> names;
  names.reserve(paths_.size());
  for (const auto& [name, path] : paths_) names.push_back(name);
  return names;
}

std::string UnitFiles::PathOf(const std::string& id) const {
  auto found = paths_.find(id);
  if (found == paths_.end()) found = paths_.find(TemplateOf(id));
  return found == paths_.end() ? "" : found->second;
}

Unit UnitFiles::Find(const std::string& id) {
  const auto known = found_.find(id);
  if (known != found_.end()) return known->second;
  Unit unit = Look(id);
  if (found_.size() < kMaxUnits) found_[id] = unit;
  return unit;
}

Unit UnitFiles::Look(const std::string& id) {
  Unit unit;
  unit.id = id;
  const auto links = links_.find(id);
  if (links != links_.end())
    unit.started_by.assign(links->second.started_by.begin(), links->second.started_by.end());
  unit.path = PathOf(id);
  if (unit.path.empty()) return unit;
  const auto end = EndOfLinks(files_.env(), unit.path);
  const auto masked = IsMasked(files_.env(), unit.path);
  if (end.ok()) unit.target = *end;
  if (!end.ok() || !masked.ok()) {
    const bool nowhere = absl::IsNotFound(masked.status());
    unit.problem = std::string((end.ok() ? masked.status() : end.status()).message());
    if (nowhere) unit.path.clear();  // a link to nothing is no unit
    return unit;
  }
  unit.masked = *masked;
  // A link to another unit is that unit, which a stronger folder may mask.
  const auto other = paths_.find(FileOf(*end));
  if (other != paths_.end() && other->second != unit.path) {
    const auto also = IsMasked(files_.env(), other->second);
    unit.masked = unit.masked || (also.ok() && *also);
  }
  if (!unit.masked && !unit.path.starts_with(kScripts)) ReadContent(unit);
  unit.state = StateOf(unit);
  return unit;
}

// "a-b.timer.d", "a-.timer.d" and "timer.d", the closest first (unit_file_find_dropin_paths).
std::vector<std::string> UnitFiles::DropInFolders(const std::string& id) const {
  const size_t dot = id.rfind('.');
  std::vector<std::string> names = {id, TemplateOf(id)};
  std::string stem = id.substr(0, dot);
  if (!stem.empty() && stem.back() == '-') stem.pop_back();
  for (size_t dash = stem.rfind('-'); dash != std::string::npos; dash = stem.rfind('-')) {
    stem.resize(dash);
    if (!stem.empty()) names.push_back(std::string(stem).append("-").append(id.substr(dot)));
  }
  names.push_back(id.substr(dot + 1));
  std::vector<std::string> folders;
  for (const std::string& name : names) {
    const auto found = drop_ins_.find(name + ".d");
    if (name.empty() || found == drop_ins_.end()) continue;
    folders.insert(folders.end(), found->second.begin(), found->second.end());
  }
  return folders;
}

void UnitFiles::ReadContent(Unit& unit) {
  std::vector<std::string> paths = {unit.path};
  const std::vector<std::string> folders = DropInFolders(unit.id);
  for (const DropIn& one : DropInsOf(folders)) {
    if (!one.masked) paths.push_back(one.path);
  }
  for (const std::string& path : paths) {
    if (++reads_ > kMaxReads) {
      unit.problem = path + ": more drop-ins than are read";
      return;
    }
    const absl::StatusOr<std::string>& text = TextOf(path);
    if (!text.ok()) {
      unit.problem = std::string(text.status().message());
      return;
    }
    if (!unit.content.Read(*text)) {
      unit.problem = path + ": more settings than are read";
      return;
    }
  }
}

// Those of many units stand in the same folders: looked at once.
const std::vector<DropIn>& UnitFiles::DropInsOf(const std::vector<std::string>& folders) {
  const auto [found, added] = listed_.try_emplace(folders);
  if (added && !folders.empty()) found->second = ListDropIns(files_, folders, ".conf");
  return found->second;
}

const absl::StatusOr<std::string>& UnitFiles::TextOf(const std::string& path) {
  const auto known = texts_.find(path);
  if (known != texts_.end()) return known->second;
  return texts_.emplace(path, files_.Read(path)).first->second;
}

// What its links say; empty: nothing.
std::string UnitFiles::LinkedState(const Unit& unit) {
  const auto links = links_.find(unit.id);
  if (links != links_.end() && links->second.config) return "enabled";
  const std::string file = FileOf(unit.target);
  const auto others = aliases_.find(file);
  const std::vector<std::string> aliases = unit.content.Words("Install", "Alias");
  bool runtime = links != links_.end() && links->second.runtime;
  bool other = false;
  if (others != aliases_.end()) {
    for (const auto& [name, config] : others->second) {
      if (name == unit.id) continue;
      const bool own = std::find(aliases.begin(), aliases.end(), name) != aliases.end();
      if (own && config) return "enabled";
      (own ? runtime : other) = true;
    }
  }
  for (const auto& [name, link] : links_) {
    if (!unit.id.empty() && TemplateOf(name) == unit.id && (link.config || link.runtime)) {
      other = true;
    }
  }
  if (runtime) return "enabled-runtime";
  return other ? "indirect" : "";
}

std::string UnitFiles::StateOf(const Unit& unit) {
  if (unit.masked) return IsRuntime(unit.path) ? "masked-runtime" : "masked";
  const std::string folder = FolderOf(unit.path);
  if (folder.starts_with("/run/systemd/generator") || folder == kScripts) return "generated";
  if (folder == "/run/systemd/transient") return "transient";
  if (FileOf(unit.target) != FileOf(unit.path)) return "alias";
  std::string linked = LinkedState(unit);
  if (linked.starts_with("enabled")) return linked;
  const bool outside =
      std::find(kFolders.begin(), kFolders.end(), FolderOf(unit.target)) == kFolders.end();
  if (unit.target != unit.path && outside) return IsRuntime(folder) ? "linked-runtime" : "linked";
  if (!linked.empty()) return linked;
  for (const char* key : {"WantedBy", "RequiredBy", "UpheldBy", "Alias"}) {
    if (!unit.content.Words("Install", key).empty()) return "disabled";
  }
  return unit.content.Words("Install", "Also").empty() ? "static" : "indirect";
}

bool UnitFiles::HasSystemd() {
  Env& env = files_.env();
  if (env.mode() != RootMode::kDeadTree) return env.Stat("/run/systemd/system").ok();
  return env.Stat("/usr/lib/systemd/systemd").ok() || env.Stat("/lib/systemd/systemd").ok();
}

std::optional<bool> UnitFiles::Active(const std::string& id) {
  Env& env = files_.env();
  const bool leaves_trace = EndsWithAny(id, {".service", ".socket", ".mount", ".swap"});
  if (!leaves_trace || env.mode() == RootMode::kDeadTree || !HasSystemd()) return std::nullopt;
  if (id.find('/') != std::string::npos) return std::nullopt;
  const auto trace = env.Lstat("/run/systemd/units/invocation:" + id);
  if (trace.ok()) return true;
  if (absl::IsNotFound(trace.status()) && env.Stat("/run/systemd/units").ok()) return false;
  return std::nullopt;
}

std::vector<Touch> UnitTouches(Env& env) {
  std::vector<Touch> touches =
      FileTouches({"/dev/null", "/run/systemd/system", "/run/systemd/units", "/run/systemd/units/*",
                   "/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/etc/systemd/system/**",
                   "/run/systemd/**", "/usr/local/lib/systemd/system/**",
                   "/usr/lib/systemd/system/**", "/lib/systemd/system/**",
                   "/etc/systemd/system.control/**", "/etc/systemd/system.attached/**", kScripts,
                   "/etc/init.d/*", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d"},
                  "units of systemd");
  for (const std::string& folder : kFolders) {
    touches.push_back({TouchKind::kFile, folder, "units of systemd"});
  }
  PathRecorder recorder(env);
  UnitFiles units(recorder);
  for (const std::string& name : units.Names()) {
    const Unit unit = units.Find(name);
    units.Starts(unit);
    ConditionsHold(recorder, unit.content);
  }
  for (const std::string& path : recorder.paths()) {
    const bool said = std::any_of(touches.begin(), touches.end(),
                                  [&](const Touch& one) { return TouchMatches(one.target, path); });
    if (!said)
      touches.push_back(
          {TouchKind::kFile, path, "a unit that is a link to it, or a condition of one"});
  }
  return touches;
}

}  // namespace tom
