#include "checks/tables/pam_modules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/path_reach.h"

namespace tom {
namespace {

std::string Base(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string Folder(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string Stem(const std::string& file) {
  return file.size() > 3 && file.ends_with(".so") ? file.substr(0, file.size() - 3) : file;
}

}  // namespace

void PamCall::Say(int code, const std::string& note, bool expected) {
  outcomes.push_back({code, token, expected});
  if (!note.empty()) trial.notes[{index, code}] = note;
}

void PamCall::Anything(const std::string& why) {
  for (int code = 0; code < kPamIncomplete; ++code) Say(code);
  Doubt(why);
}

void PamCall::Doubt(const std::string& why) {
  const std::string doubt = absl::StrCat(Place(), ": ", why);
  if (std::find(trial.doubts.begin(), trial.doubts.end(), doubt) == trial.doubts.end())
    trial.doubts.push_back(doubt);
}

std::string PamCall::Place() const {
  return absl::StrCat(handler.file, " line ", handler.line.number, " (", handler.line.module, ")");
}

bool PamCall::Given(const std::string& what, unsigned kinds) {
  trial.asked[what] = kinds;
  return trial.given.count(what) != 0;
}

bool PamCall::Has(const std::string& argument) const {
  const auto& all = handler.line.arguments;
  return std::find(all.begin(), all.end(), argument) != all.end();
}

std::optional<std::string> PamCall::Value(const std::string& name) const {
  std::optional<std::string> value;
  for (const std::string& argument : handler.line.arguments) {
    if (argument.size() > name.size() && argument.compare(0, name.size(), name) == 0 &&
        argument[name.size()] == '=')
      value = argument.substr(name.size() + 1);
  }
  return value;
}

const PamModelEntry* FindPamModel(const std::string& name) {
  for (const auto* list :
       {&PamPasswordModels(), &PamCodeModels(), &PamConditionModels(), &PamNeutralModels()}) {
    for (const PamModelEntry& entry : *list) {
      if (name == entry.name) return &entry;
    }
  }
  return nullptr;
}

void PamModules::ReadFolders() {
  if (std::exchange(folders_read_, true)) return;
  for (const char* pattern : {"/lib/*/security", "/usr/lib/*/security", "/lib/security",
                              "/usr/lib/security", "/lib64/security", "/usr/lib64/security"}) {
    const GlobResult found = ExpandGlob(env_, pattern);
    folders_uncertain_ = folders_uncertain_ || !found.problems.empty();
    for (const std::string& folder : found.paths) {
      const auto real = RealPath(env_, folder);
      const auto names = env_.ListDirectory(folder);
      if (absl::IsNotFound(names.status())) continue;
      folders_uncertain_ = folders_uncertain_ || !real.ok() || !names.ok();
      if (!real.ok() || !names.ok()) continue;
      const bool modules = std::any_of(names->begin(), names->end(), [](const std::string& name) {
        return name.starts_with("pam_") && name.ends_with(".so");
      });
      if (modules) folders_[*real] = *names;
    }
  }
}

// What stands at the path: a link is what it leads to.
PamModules::Known PamModules::Examine(const std::string& path) {
  const auto real = RealPath(env_, path);
  if (absl::IsNotFound(real.status())) return {Presence::kMissing, Stem(Base(path))};
  if (!real.ok()) return {Presence::kAssumed, ""};
  const auto info = env_.Stat(*real);
  if (absl::IsNotFound(info.status())) return {Presence::kMissing, Stem(Base(path))};
  if (!info.ok()) return {Presence::kAssumed, ""};
  if (info->kind != FileKind::kRegular) return {Presence::kMissing, Stem(Base(path))};
  const bool known_folder = folders_.count(Folder(*real)) != 0;
  const auto magic = env_.ReadRange(*real, 0, 4);
  const bool loads = magic.ok() && *magic == std::string("\177ELF");
  return {loads ? Presence::kThere : Presence::kAssumed, known_folder ? Stem(Base(*real)) : ""};
}

PamModules::Known PamModules::Find(const std::string& module) {
  ReadFolders();
  if (!module.empty() && module[0] == '/') {
    Known known = Examine(module);
    if (known.presence != Presence::kMissing || !folders_.empty()) return known;
    // A tree of configuration alone: where modules are by custom, the name is taken for what it is.
    return {Presence::kAssumed, module.find("/security/") == std::string::npos ? "" : known.name};
  }
  if (module.find('/') != std::string::npos) return {Presence::kAssumed, ""};
  if (folders_.empty()) return {Presence::kAssumed, Stem(module)};
  size_t holders = 0;
  Known known{Presence::kMissing, Stem(module)};
  for (const auto& [folder, names] : folders_) {
    if (!std::binary_search(names.begin(), names.end(), module)) continue;
    ++holders;
    known = Examine(folder + "/" + module);
  }
  const bool everywhere = holders == folders_.size() || holders == 0;
  if (!everywhere || folders_uncertain_) known.presence = Presence::kAssumed;
  return known;
}

const PamModules::Known& PamModules::Look(const std::string& module) {
  const auto found = known_.find(module);
  return found != known_.end() ? found->second : known_.emplace(module, Find(module)).first->second;
}

std::vector<PamOutcome> PamModules::Run(const PamHandler& handler, size_t index, bool account,
                                        const PamSubject& subject, PamToken token,
                                        PamTrial& trial) {
  PamCall call{.env = env_,
               .handler = handler,
               .index = index,
               .account = account,
               .subject = subject,
               .trial = trial,
               .token = token};
  const Known& known = Look(handler.line.module);
  if (known.presence == Presence::kMissing) {
    call.Say(kPamModuleUnknown, "the module is not there");
    return std::move(call.outcomes);
  }
  const PamModelEntry* entry = known.name.empty() ? nullptr : FindPamModel(known.name);
  if (entry == nullptr) {
    call.Anything("what this module says is not known");
    return std::move(call.outcomes);
  }
  const PamModel model = account ? entry->account : entry->auth;
  if (model == nullptr) {
    call.Say(kPamModuleUnknown, "the module does nothing of this type");
  } else {
    model(call);
  }
  if (known.presence == Presence::kAssumed) call.Say(kPamModuleUnknown, "", false);
  return std::move(call.outcomes);
}

}  // namespace tom
