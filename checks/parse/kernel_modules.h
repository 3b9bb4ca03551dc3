// Modules of the kernel: /proc/modules, modprobe.d(5) and the lists that depmod(8) writes. Bytes ->
// values, no I/O; pure and thread-safe. A module's name has `_` wherever a file has `-`.
#ifndef TOM_CHECKS_PARSE_KERNEL_MODULES_H_
#define TOM_CHECKS_PARSE_KERNEL_MODULES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct LoadedModule {
  std::string name;
  int64_t size = 0;     // bytes
  std::string used_by;  // names with commas between; "-" nobody
  std::string status;   // Live, Loading, Unloading
  std::string address;
};

struct LoadedModules {
  std::vector<LoadedModule> modules;
  size_t bad_lines = 0;
};

LoadedModules ParseProcModules(std::string_view text);

struct ModuleRule {
  enum class Kind { kInstall, kBlacklist };
  Kind kind = Kind::kInstall;
  std::string module;   // a pattern of fnmatch(3)
  std::string command;  // of install
  int line = 0;
};

// The install and blacklist lines of one file of modprobe.d; a `\` at its end continues a line.
std::vector<ModuleRule> ParseModprobe(std::string_view text);

// Whether the command loads nothing whatever happens: true(1) or false(1) alone.
bool InstallsNothing(std::string_view command);

// With `_` for `-`.
std::string ModuleName(std::string_view name);

// Whether modules.dep or modules.builtin ("kernel/fs/x.ko.xz: …", "kernel/fs/x.ko") names a module.
bool ListsModule(std::string_view list, std::string_view name);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_KERNEL_MODULES_H_
