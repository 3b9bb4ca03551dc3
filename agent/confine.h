// What the evaluator gives up before it reads anything of the host: it has no key, but it parses
// hostile files.
#ifndef TOM_AGENT_CONFINE_H_
#define TOM_AGENT_CONFINE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "checks/env/env.h"

namespace tom {

// Dies with its parent; no core, few descriptors, `memory_mib` of data (RLIMIT_AS would count every
// library's mapping; the programs that it runs may have 1 GiB); no new privileges; capabilities but
// those that reading and probing take (DAC_READ_SEARCH, NET_ADMIN and SYS_ADMIN are not kept)
// dropped for good; system calls that no check needs refused with EPERM: those that write, mount,
// trace, load modules or BPF, change identity, clock or host name. In a dead tree also every socket
// and, unless `run_programs`, every program; what is run is bound by the same filter.
//
// Fails when the filter cannot be installed: a check must not run without it.
absl::Status Confine(int64_t memory_mib, RootMode mode, bool run_programs = false);

}  // namespace tom

#endif  // TOM_AGENT_CONFINE_H_
