// The resident scheduler behind `tom-agent run`: starts a child for each cycle, holds nothing else.
#ifndef TOM_AGENT_RESIDENT_H_
#define TOM_AGENT_RESIDENT_H_

#include <string>

namespace tom {

struct ResidentOptions {
  std::string state;
  std::string config;
  double clock_scale = 1;
  int child_seconds = 1800;  // a cycle that takes longer is ended
};

// Runs until SIGTERM or SIGINT; gives the exit code. One for each state folder: another is
// Unavailable (69). A child that crashes or hangs costs its cycle; what it had signed is spooled
// and goes with the next. Logs are lines on standard error.
int RunResident(const ResidentOptions& options);

}  // namespace tom

#endif  // TOM_AGENT_RESIDENT_H_
