// What a worker gives up before it reads a byte of a copy: its user, its rights, and whatever could
// reach beyond the cage or outlast it.
#ifndef TOM_AGENT_DRILL_WORKER_LIMITS_H_
#define TOM_AGENT_DRILL_WORKER_LIMITS_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/status.h"

namespace tom {

struct WorkerLimits {
  uid_t uid = 0;
  gid_t gid = 0;
  bool reads_all = false;  // may read files of others: a repository that is root's
  int64_t file_bytes = 0;  // the largest file it may write
  int64_t cpu_seconds = 0;
};

// In a child that is already inside the cage: limits (no core, memory, processes, descriptors, file
// size, CPU time), user and groups for good, no capability but CAP_DAC_READ_SEARCH where asked for,
// no new privileges, and a filter of system calls: no mounts, namespaces, devices, sockets,
// tracing, keys, handles of files; bits setuid and setgid are never set, though the caller is told
// so.
absl::Status LimitWorker(const WorkerLimits& limits);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_WORKER_LIMITS_H_
