// What the host's files set in the kernel at boot, and who reads them: systemd-sysctl, sysctl(8)
// with --system (other init systems, and people), and ufw, which sets its own afterwards.
#ifndef TOM_CHECKS_TABLES_SYSCTL_FILES_H_
#define TOM_CHECKS_TABLES_SYSCTL_FILES_H_

#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/env/env.h"
#include "checks/parse/sysctl_config.h"

namespace tom {

struct SysctlFiles {
  SysctlSettings systemd;
  SysctlSettings procps;        // /run before /etc, and /etc/sysctl.conf last
  SysctlSettings ufw;           // empty unless ufw is enabled
  bool systemd_masked = false;  // nothing of systemd's reading is applied at boot
  std::vector<std::string> problems;
};

SysctlFiles LoadSysctlFiles(Env& env);

// What is written to a path below /proc/sys.
struct SysctlConfigured {
  const SysctlOption* option = nullptr;  // of the last who writes it; null: nobody
  bool disputed = false;                 // the readers do not agree, or none of them runs
};
SysctlConfigured ConfiguredFor(const SysctlFiles& files, const std::string& path);

std::vector<Touch> SysctlFileTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SYSCTL_FILES_H_
