// Database servers that run here, found by their processes and sockets, declared or not.
#ifndef TOM_CHECKS_TABLES_DATABASE_PROCESSES_H_
#define TOM_CHECKS_TABLES_DATABASE_PROCESSES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

struct DatabaseProcess {
  std::string kind;    // postgres, mysql, mongodb, redis
  std::string source;  // process, socket
  std::optional<int64_t> pid;
  std::string program;         // path of what runs; empty = may not be read
  std::string listens;         // of a socket without a process: where
  std::string data_directory;  // in its own tree of mounts; empty = not known, see error
  bool own_mounts = false;     // another tree of mounts than the first process's: a container
  std::string error;
};

struct DatabaseProcesses {
  std::vector<DatabaseProcess> found;
  std::vector<std::string> problems;  // what kept some from being seen
};

// One for each server, not for its workers. Only a live kernel knows them: an error in a dead tree
// without /proc.
absl::StatusOr<DatabaseProcesses> FindDatabaseProcesses(Env& env);

std::vector<Touch> DatabaseProcessTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DATABASE_PROCESSES_H_
