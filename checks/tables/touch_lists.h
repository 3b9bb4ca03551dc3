// What several tables touch alike (touch.h).
#ifndef TOM_CHECKS_TABLES_TOUCH_LISTS_H_
#define TOM_CHECKS_TABLES_TOUCH_LISTS_H_

#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

void Append(std::vector<Touch>& touches, std::vector<Touch> more);

// The path and every directory above it, which are looked at to tell who can come there.
std::vector<Touch> PathTouches(const std::string& path, const std::string& purpose);

// The same and whatever lies below.
std::vector<Touch> TreeTouches(const std::string& path, const std::string& purpose);

// The matches of a glob and the directories that are listed for them.
std::vector<Touch> GlobTouches(const std::string& pattern, const std::string& purpose);

// A name below an account's home directory, one slash between them: a home may be "/".
std::string BelowHome(std::string directory, const std::string& name);

// Local accounts, as the table users reads them.
std::vector<Touch> AccountTouches();

// Processes, their network namespaces and sockets.
std::vector<Touch> ProcessTouches();

// The SSH server's configuration with what it includes now, the units that start it, and the server
// itself. Reads the configuration to know the former.
std::vector<Touch> SshdTouches(Env& env);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TOUCH_LISTS_H_
