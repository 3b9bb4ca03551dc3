// One verb of tom-agent: one file agent/commands/<verb>.cc with one function `AgentCommand
// <verb>_command()`, found by its name (cmake/registry.cmake).
#ifndef TOM_AGENT_COMMAND_H_
#define TOM_AGENT_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tom {

struct AgentCommand {
  std::string name;
  std::string help;     // one line
  std::string example;  // a whole command line; empty for hidden verbs
  bool hidden = false;  // not in --help: verbs that the agent starts itself
  // Adds flags to `app`. What they are read into belongs to the function that is given back; it
  // runs the verb and gives its exit code (interfaces.md).
  std::function<std::function<int()>(CLI::App& app)> setup;
};

// Every file of commands/, in order of file names. Generated.
std::vector<AgentCommand> AllAgentCommands();

}  // namespace tom

#endif  // TOM_AGENT_COMMAND_H_
