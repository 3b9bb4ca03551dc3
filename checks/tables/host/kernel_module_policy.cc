// Whether a module of the kernel is loaded, could be, and is kept from it: /proc/modules, the lists
// of depmod(8) for the running kernel, modprobe.d(5). A query names the modules.
#include <fnmatch.h>

#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/kernel_modules.h"
#include "checks/tables/drop_ins.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

const std::vector<std::string> kFolders = {"/etc/modprobe.d", "/run/modprobe.d",
                                           "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
                                           "/lib/modprobe.d"};

struct Lists {
  std::string dependencies;
  std::string builtin;
  bool known = false;
};

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Lists ReadLists(Env& env, RowSink& sink) {
  Lists lists;
  const auto release = env.ReadFile("/proc/sys/kernel/osrelease", 4096);
  if (!release.ok() || release->find('/') != std::string::npos) {
    sink.Incomplete("the running kernel's release is not known");
    return lists;
  }
  const std::string folder = "/lib/modules/" + FirstLine(*release);
  const auto dependencies = env.ReadFile(folder + "/modules.dep");
  const auto builtin = env.ReadFile(folder + "/modules.builtin");
  lists.known = dependencies.ok() && (builtin.ok() || absl::IsNotFound(builtin.status()));
  if (dependencies.ok()) lists.dependencies = *dependencies;
  if (builtin.ok()) lists.builtin = *builtin;
  // No modules on the disk, and none can be loaded at all: nothing is available.
  if (absl::IsNotFound(dependencies.status()) &&
      absl::IsNotFound(env.Stat("/proc/modules").status()))
    lists.known = true;
  return lists;
}

struct Verdict {
  const ModuleRule* install = nullptr;  // modprobe takes the first that matches
  std::string install_file;
  bool blacklisted = false;
};

Verdict Judge(const std::vector<std::pair<std::string, ModuleRule>>& rules,
              const std::string& name) {
  Verdict verdict;
  for (const auto& [file, rule] : rules) {
    if (fnmatch(rule.module.c_str(), name.c_str(), 0) != 0) continue;
    if (rule.kind == ModuleRule::Kind::kBlacklist) verdict.blacklisted = true;
    if (rule.kind == ModuleRule::Kind::kInstall && verdict.install == nullptr) {
      verdict.install = &rule;
      verdict.install_file = file;
    }
  }
  return verdict;
}

absl::Status GeneratePolicy(Env& env, const TableContext& context, RowSink& sink) {
  const std::string* asked = context.EqualText("name");
  if (asked == nullptr) return BadData("name the module: WHERE name = …");
  const std::string name = ModuleName(*asked);
  ConfigFiles files(env);
  std::vector<std::pair<std::string, ModuleRule>> rules;
  for (const DropIn& one : ListDropIns(files, kFolders, ".conf")) {
    if (one.masked) continue;
    const auto text = files.Read(one.path);
    if (!text.ok()) {
      files.Problem(text.status());
      continue;
    }
    for (ModuleRule& rule : ParseModprobe(*text)) rules.emplace_back(one.path, std::move(rule));
  }
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  const auto loaded = env.ReadFile("/proc/modules", 4 << 20);
  Value is_loaded;
  if (loaded.ok()) {
    const auto modules = ParseProcModules(*loaded).modules;
    is_loaded = int64_t{std::any_of(modules.begin(), modules.end(),
                                    [&](const LoadedModule& one) { return one.name == name; })};
  }
  const Lists lists = ReadLists(env, sink);
  if (absl::IsNotFound(loaded.status()) && lists.known) is_loaded = int64_t{0};
  const Verdict verdict = Judge(rules, name);
  sink.Add(
      {{"name", *asked},
       {"loaded", is_loaded},
       {"available", lists.known ? Value(int64_t{ListsModule(lists.dependencies, name)}) : Value()},
       {"builtin", lists.known ? Value(int64_t{ListsModule(lists.builtin, name)}) : Value()},
       {"blocked",
        int64_t{verdict.install != nullptr && InstallsNothing(verdict.install->command)}},
       {"blacklisted", int64_t{verdict.blacklisted}},
       {"install", verdict.install == nullptr ? Value() : Value(verdict.install->command)},
       {"source", verdict.install == nullptr ? Value() : Value(verdict.install_file)}});
  return absl::OkStatus();
}

}  // namespace

Table kernel_module_policy_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "kernel_module_policy",
      .description = "Whether a module of the kernel can be loaded (name it)",
      .columns = {{.name = "name", .description = "As the query spells it", .required = true},
                  {.name = "loaded", .type = kInt, .description = "1: it is; NULL: not told"},
                  {.name = "available",
                   .type = kInt,
                   .description = "1: it lies on the disk for the running kernel"},
                  {.name = "builtin", .type = kInt, .description = "1: it is part of the kernel"},
                  {.name = "blocked",
                   .type = kInt,
                   .description = "1: modprobe.d runs a command that loads nothing instead"},
                  {.name = "blacklisted",
                   .type = kInt,
                   .description = "1: hardware does not load it; people and programs can"},
                  {.name = "install", .description = "Command that is run instead"},
                  {.name = "source", .description = "File that says so"}},
      .generate = GeneratePolicy,
      .touches = [](Env&, const Declared&) {
        return FileTouches(
            {"/etc/modprobe.d", "/etc/modprobe.d/*", "/run/modprobe.d", "/run/modprobe.d/*",
             "/usr/local/lib/modprobe.d", "/usr/local/lib/modprobe.d/*", "/usr/lib/modprobe.d",
             "/usr/lib/modprobe.d/*", "/lib/modprobe.d", "/lib/modprobe.d/*", "/dev/null",
             "/proc/modules", "/proc/sys/kernel/osrelease", "/lib/modules/*/modules.dep",
             "/lib/modules/*/modules.builtin"},
            "modules of the kernel");
      }};
}

}  // namespace tom
