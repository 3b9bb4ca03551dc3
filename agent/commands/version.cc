// tom-agent version.
#include <CLI/CLI.hpp>
#include <iostream>

#include "agent/command.h"
#include "agent/exit_code.h"

namespace tom {

AgentCommand version_command() {
  return {.name = "version",
          .help = "Prints the version",
          .example = "tom-agent version",
          .hidden = false,
          .setup = [](CLI::App&) -> std::function<int()> {
            return [] {
              std::cout << "tom-agent " << TOM_VERSION << "\n";
              return kExitAllPass;
            };
          }};
}

}  // namespace tom
