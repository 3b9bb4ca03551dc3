// The programs that may be run, and running one so that it can neither be steered nor outlive its
// deadline.
#ifndef TOM_CHECKS_ENV_PROGRAMS_H_
#define TOM_CHECKS_ENV_PROGRAMS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/env/unique_fd.h"

namespace tom {

// Absolute paths; nothing else is ever executed (design.md rule 7).
const std::vector<std::string>& AllowedPrograms();

// Those of them that read a repository wherever it lies, and take nothing from the host around it:
// the only ones that run for another root than the host's.
bool ReadsRepositories(const std::string& path);

// In the allow-list, and it and every directory above it belong to root and are writable by nobody
// else.
absl::Status CheckProgram(const std::string& path);

// Runs it in a process group of its own: no standard input, no descriptors but 1, 2 and `opened`
// (its 3, 4, …), a clean environment. Its limit of data is this process's hard one. The whole group
// is killed at the deadline or when the output is too large, and before this returns. REQUIRES:
// CheckProgram.
absl::StatusOr<ProgramResult> RunChecked(const ProgramRequest& request,
                                         const std::vector<UniqueFd>& opened = {});

// What programs said before the evaluator gave up the rights that they need, by their command lines
// (path and arguments with blanks between).
using PreparedPrograms = std::map<std::string, absl::StatusOr<ProgramResult>>;

std::string CommandLine(const ProgramRequest& request);

// Runs them now; each that may not be run, or fails, is there with its error.
PreparedPrograms PreparePrograms(const std::vector<ProgramRequest>& requests);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_PROGRAMS_H_
