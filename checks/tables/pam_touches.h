// What reading PAM's stacks, and trying them, touches (touch.h).
#ifndef TOM_CHECKS_TABLES_PAM_TOUCHES_H_
#define TOM_CHECKS_TABLES_PAM_TOUCHES_H_

#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

// Of reading the stacks alone.
std::vector<Touch> PamRuleTouches(Env& env);

// And of trying those of the services: accounts, modules, their secrets' places and lists.
std::vector<Touch> PamTouches(Env& env, const std::vector<std::string>& services);

// The files of keys that sshd reads for accounts.
std::vector<Touch> SshKeyTouches(Env& env);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_TOUCHES_H_
