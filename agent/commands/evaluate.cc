// The evaluator (agent/evaluate.h): started by the agent itself, never by hand.
#include "agent/evaluate.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "agent/command.h"
#include "checks/engine/table.h"

namespace tom {

AgentCommand evaluate_command() {
  return {.name = "evaluate",
          .help = "Runs checks for the agent that started it",
          .example = "",
          .hidden = true,
          .setup = [](CLI::App&) -> std::function<int()> {
            return [] { return EvaluatorMain(STDIN_FILENO, STDOUT_FILENO, AllTables()); };
          }};
}

}  // namespace tom
