#include "checks/tables/sysctl_files.h"

#include "checks/parse/config_lines.h"
#include "checks/tables/drop_ins.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kLast[] = "/etc/sysctl.conf";  // sysctl(8) alone reads it by itself
constexpr char kUfw[] = "/etc/ufw/sysctl.conf";
const std::vector<std::string> kSystemdFolders = {"/etc/sysctl.d", "/run/sysctl.d",
                                                  "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
                                                  "/lib/sysctl.d"};
const std::vector<std::string> kProcpsFolders = {"/run/sysctl.d", "/etc/sysctl.d",
                                                 "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
                                                 "/lib/sysctl.d"};

void ReadInto(ConfigFiles& files, const std::string& path, SysctlSettings& settings) {
  const auto text = files.Read(path);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) return files.Problem(text.status());
  if (!settings.Read(*text, path)) files.Problem(path + ": more than 20,000 settings");
}

SysctlSettings ReadFolders(ConfigFiles& files, const std::vector<std::string>& folders) {
  SysctlSettings settings;
  for (const DropIn& one : ListDropIns(files, folders, ".conf")) {
    if (!one.masked) ReadInto(files, one.path, settings);
  }
  return settings;
}

// The last assignment of shell's simplest kind; ufw and Debian's defaults are written so.
std::string ShellValue(std::string_view text, std::string_view name) {
  std::string value;
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string_view trimmed = TrimLine(line.text);
    if (!trimmed.starts_with(name) || trimmed.substr(name.size(), 1) != "=") continue;
    value = trimmed.substr(name.size() + 1);
    if (value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) {
      value = value.substr(1, value.size() - 2);
    }
  }
  return value;
}

// What ufw sets when it starts (ufw-framework(8)): IPT_SYSCTL names the file.
void ReadUfw(ConfigFiles& files, SysctlSettings& settings) {
  const auto state = files.Read("/etc/ufw/ufw.conf");
  if (!state.ok()) {
    if (!absl::IsNotFound(state.status())) files.Problem(state.status());
    return;
  }
  const std::string enabled = ShellValue(*state, "ENABLED");
  if (enabled != "yes" && enabled != "YES" && enabled != "Yes") return;
  const auto defaults = files.Read("/etc/default/ufw");
  const std::string named = defaults.ok() ? ShellValue(*defaults, "IPT_SYSCTL") : "";
  if (!named.empty() && named != kUfw) {
    return files.Problem("/etc/default/ufw: IPT_SYSCTL names " + named + ", which is not read");
  }
  ReadInto(files, kUfw, settings);
}

bool ServiceMasked(ConfigFiles& files) {
  for (const char* folder : {"/etc/systemd/system/", "/run/systemd/system/"}) {
    const auto masked = IsMasked(files.env(), std::string(folder) + "systemd-sysctl.service");
    if (masked.ok()) return *masked;
    if (!absl::IsNotFound(masked.status())) files.Problem(masked.status());
  }
  return false;
}

const SysctlOption* Differs(const SysctlOption* one, const SysctlOption* other) {
  if (other == nullptr || (one != nullptr && one->value == other->value)) return nullptr;
  return other;
}

}  // namespace

SysctlFiles LoadSysctlFiles(Env& env) {
  ConfigFiles files(env);
  SysctlFiles loaded;
  loaded.systemd = ReadFolders(files, kSystemdFolders);
  loaded.procps = ReadFolders(files, kProcpsFolders);
  ReadInto(files, kLast, loaded.procps);
  ReadUfw(files, loaded.ufw);
  loaded.systemd_masked = ServiceMasked(files);
  loaded.problems = files.problems();
  return loaded;
}

SysctlConfigured ConfiguredFor(const SysctlFiles& files, const std::string& path) {
  SysctlConfigured found;
  found.option = files.systemd.For(path);
  found.disputed = found.option != nullptr && files.systemd_masked;
  const SysctlOption* procps = files.procps.For(path);
  if (Differs(found.option, procps) != nullptr) found.disputed = true;
  if (found.option == nullptr) found.option = procps;
  if (const SysctlOption* ufw = Differs(found.option, files.ufw.For(path))) {
    if (found.option != nullptr) found.disputed = true;
    found.option = ufw;
  }
  return found;
}

std::vector<Touch> SysctlFileTouches() {
  return FileTouches(
      {"/etc/sysctl.conf", "/etc/sysctl.d", "/etc/sysctl.d/*", "/run/sysctl.d", "/run/sysctl.d/*",
       "/usr/local/lib/sysctl.d", "/usr/local/lib/sysctl.d/*", "/usr/lib/sysctl.d",
       "/usr/lib/sysctl.d/*", "/lib/sysctl.d", "/lib/sysctl.d/*", "/etc/ufw/ufw.conf",
       "/etc/ufw/sysctl.conf", "/etc/default/ufw", "/dev/null",
       "/etc/systemd/system/systemd-sysctl.service", "/run/systemd/system/systemd-sysctl.service"},
      "settings of the kernel as configured");
}

}  // namespace tom
