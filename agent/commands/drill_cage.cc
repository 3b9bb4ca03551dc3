// The process of a drill (agent/drill/drill.h): started by `tom-agent drill`, never by hand.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "agent/command.h"
#include "agent/config.h"
#include "agent/drill/drill.h"
#include "agent/exit_code.h"

namespace tom {
namespace {

struct Options {
  std::string config;
  std::string name;
};

int Run(const Options& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const auto config = LoadConfig(options.config);
  if (!config.ok()) return ReportError(config.status(), kExitConfiguration);
  for (const DeclaredBackup& backup : config->declared.backups) {
    if (backup.name != options.name) continue;
    std::cout << EncodeDrillOutcome(HoldDrill(config->declared, backup)) << std::flush;
    return kExitAllPass;
  }
  return kExitNoInput;
}

}  // namespace

AgentCommand drill_cage_command() {
  return {.name = "drill-cage",
          .help = "Holds a drill for the agent that started it",
          .example = "",
          .hidden = true,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<Options>();
            app.add_option("--config", options->config)->required();
            app.add_option("--name", options->name)->required();
            return [options] { return Run(*options); };
          }};
}

}  // namespace tom
