// tom-agent run: the resident agent.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/command.h"
#include "agent/resident.h"
#include "agent/state_option.h"

namespace tom {

AgentCommand run_command() {
  return {.name = "run",
          .help = "Stays resident: each group of checks at its interval, signed and sent",
          .example = "tom-agent run --config /etc/tom/agent.yaml",
          .hidden = false,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<ResidentOptions>();
            AddStateOption(app, options->state);
            AddConfigOption(app, options->config);
            app.add_option("--clock-scale", options->clock_scale,
                           "shortens every interval, for tests")
                ->check(CLI::Range(1.0, 10000.0));
            return [options] { return RunResident(*options); };
          }};
}

}  // namespace tom
