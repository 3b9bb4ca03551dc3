// What names the examined host in a local report.
#ifndef TOM_AGENT_HOST_FACTS_H_
#define TOM_AGENT_HOST_FACTS_H_

#include <map>
#include <string>

#include "checks/env/env.h"

namespace tom {

// name (of the kernel, else of /etc/hostname), os (PRETTY_NAME of os-release), mode (live, dead
// tree, host root). What cannot be read is "unknown".
std::map<std::string, std::string> HostFacts(Env& env);

}  // namespace tom

#endif  // TOM_AGENT_HOST_FACTS_H_
