// What the SSH server demands of every account on every kind of connection: by the server itself
// where it is at hand (sshd -T -C), by our own reading of its files in a dead tree, and where the
// server accepts its configuration but cannot answer, for its service has never been started.
#ifndef TOM_CHECKS_TABLES_SSHD_VIEW_H_
#define TOM_CHECKS_TABLES_SSHD_VIEW_H_

#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/tables/sshd_clients.h"

namespace tom {

struct SshdContext {
  SshdAccount account;
  SshdRoute route;
  SshdSettings settings;  // file "" where the program does not tell and the files say otherwise
  bool from_program = false;
};

struct SshdView {
  std::vector<SshdContext> contexts;    // empty and nothing incomplete: no SSH server is installed
  std::vector<std::string> incomplete;  // why these may not be all, or not what the server does
};

// The program is run at most 100 times and 20 seconds; accounts and connections that no Match block
// tells apart share a run. A file that sshd refuses gives no contexts.
SshdView ViewSshd(Env& env);

// Output of `sshd -T`: "keyword value" lines. An option that is not there is not in the result.
SshdSettings ParseSshdTestOutput(const std::string& output);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSHD_VIEW_H_
