// tomctl: what a person does. Every command is a file in commands/.
#include <unistd.h>

#include <iostream>

#include "collector/ctl/command_line.h"

int main(int argc, char** argv) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  return tom::RunTomctl({argv + 1, argv + argc}, {std::cout, std::cerr, terminal});
}
