// tom-agent: the verbs of agent/commands/.
#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>

#include "agent/command.h"
#include "agent/exit_code.h"

namespace {

int Run(int argc, char** argv) {
  CLI::App app("Checks on this host what was promised, and reports it signed.", "tom-agent");
  app.require_subcommand(1);
  std::function<int()> chosen;
  for (const tom::AgentCommand& command : tom::AllAgentCommands()) {
    CLI::App* verb = app.add_subcommand(command.name, command.help);
    if (command.hidden) verb->group("");
    if (!command.example.empty()) verb->footer("Example:\n  " + command.example);
    std::function<int()> runner = command.setup(*verb);
    verb->callback([&chosen, runner] { chosen = runner; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : tom::kExitUsage;
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "tom-agent: " << error.what() << "\n";
    return tom::kExitFailed;
  }
}
