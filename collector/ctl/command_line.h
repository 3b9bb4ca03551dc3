// tomctl from its arguments to its exit code: flags over TOM_* environment over configuration.
#ifndef TOM_COLLECTOR_CTL_COMMAND_LINE_H_
#define TOM_COLLECTOR_CTL_COMMAND_LINE_H_

#include <ostream>
#include <string>
#include <vector>

#include "collector/ctl/session.h"

namespace tom {

struct CtlOutside {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // `out` is one: colours, unless NO_COLOR or --no-color
  Connector connect = ConnectOperator;
};

// `arguments` without the program's name. Exit codes of interfaces.md.
int RunTomctl(std::vector<std::string> arguments, const CtlOutside& outside);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_COMMAND_LINE_H_
