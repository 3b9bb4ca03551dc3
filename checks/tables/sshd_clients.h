// Who could connect to the SSH server, in as many kinds as its Match blocks can tell apart.
#ifndef TOM_CHECKS_TABLES_SSHD_CLIENTS_H_
#define TOM_CHECKS_TABLES_SSHD_CLIENTS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/sshd_config.h"

namespace tom {

// An account that can be logged in to; name "" stands for any account that no local file names.
struct SshdAccount {
  std::string name;
  int64_t uid = -1;
  std::vector<std::string> groups;
};

// Those of /etc/passwd whose shell lets them in, every account with uid 0, and "". Shells that only
// turn away (nologin, false) or run one command (sync) are none. `problems` says where else
// accounts may come from.
std::vector<SshdAccount> SshdAccounts(Env& env, std::vector<std::string>& problems);

// The conditions of all Match lines.
std::set<SshdCriterion> SshdCriteria(const SshdTree& tree);

struct SshdRoute {
  std::string label;  // "any" when all are alike
  SshdClient client;  // without user and groups
};

// One for each combination of addresses, hosts, ports and routing domains that the conditions tell
// apart. Networks are covered exactly (the ends of every network, and what follows it); what can
// only be sampled is a problem.
std::vector<SshdRoute> SshdRoutes(const std::set<SshdCriterion>& criteria, bool use_dns,
                                  std::vector<std::string>& problems);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSHD_CLIENTS_H_
