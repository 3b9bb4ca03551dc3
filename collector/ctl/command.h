// One command of tomctl: one file in collector/ctl/commands/, found by its name
// (cmake/registry.cmake).
#ifndef TOM_COLLECTOR_CTL_COMMAND_H_
#define TOM_COLLECTOR_CTL_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/ctl/session.h"

namespace CLI {
class App;
}

namespace tom {

// Runs a command whose flags have been read; gives its exit code (interfaces.md).
using CommandRunner = std::function<absl::StatusOr<int>(Session& session)>;

struct Command {
  std::vector<std::string> words;  // {"token", "create"}
  std::string summary;
  std::string example;  // a whole command line
  // Adds flags to `app`. What they are read into belongs to the runner that is given back.
  std::function<CommandRunner(CLI::App& app)> configure;
};

// Every file of commands/, in order of file names. Generated.
std::vector<Command> AllCommands();

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_COMMAND_H_
